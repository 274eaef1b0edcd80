import { useQuery } from "@tanstack/react-query";
import type { ContentReview, ReviewItem } from "presswork-client";
import { clientOf } from "../api/client";
import type { SignedIn } from "../api/session";
import { Badge } from "../ui/Badge";
import { Time } from "../ui/Time";
import { REVIEW_OUTCOMES } from "./approvals";
import "./content.css";

interface ReviewHistoryProps {
  readonly session: SignedIn;
  readonly review: ContentReview;
}

/** The decisions on content with their notes, the latest first. */
export default function ReviewHistory({ session, review }: ReviewHistoryProps) {
  const nameOf = useNames(session);
  return (
    <ol className="history" reversed>
      {review.items.toReversed().map((item) => (
        <Decision key={`${item.at} ${item.decision}`} item={item} by={nameOf(item)} current={review.revision} />
      ))}
    </ol>
  );
}

interface DecisionProps {
  readonly item: ReviewItem;
  readonly by: string;
  readonly current: number;
}

function Decision({ item, by, current }: DecisionProps) {
  const { label, tone, icon: Icon } = REVIEW_OUTCOMES[item.decision];
  return (
    <li>
      <div className="history-head">
        <Badge tone={tone} icon={<Icon aria-hidden />}>
          {label}
        </Badge>
        <span className="soft small">
          {item.step !== null && `${item.step}, `}by {by}, <Time at={item.at} isRelative />
          {item.revision < current && ", before the last edit"}
        </span>
      </div>
      {item.note !== null && <p className="long-text">{item.note}</p>}
    </li>
  );
}

/** Returns a function from a decision to the name of who made it. Only administrators can read the names of others. */
function useNames(session: SignedIn): (item: ReviewItem) => string {
  const people = useQuery({
    queryKey: ["people", "names"],
    queryFn: async () => {
      const names = new Map<string, string>();
      for await (const user of clientOf("test").users.list({ limit: 100 })) names.set(user.id, user.name ?? user.email);
      return names;
    },
    enabled: session.scopes.includes("org:admin"),
    staleTime: 5 * 60_000,
  });
  return ({ by, byName }) => {
    if (by === session.user.id) return "you";
    if (by.startsWith("rvl_")) return `${byName ?? "a person"} at a review link`;
    if (by.startsWith("ptl_")) return `${byName ?? "a person"} at the client's page`;
    return byName ?? people.data?.get(by) ?? (by.startsWith("key_") ? "an API key" : "a colleague");
  };
}
