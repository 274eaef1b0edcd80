import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, SocialAccount, Status } from "presswork-client";
import { clientOf } from "../../api/client";
import { contentQuery } from "../../posts/queries";
import { StatusBadge } from "../../posts/StatusBadge";
import { Loaded } from "../../ui/Loaded";
import { Skeleton, SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";

const SHOWN = 5;
const WAITING: readonly Status[] = ["queued", "publishing"];

interface NextPostsProps {
  readonly environment: Environment;
  readonly account: SocialAccount;
  readonly zone: string | undefined;
}

/** The posts that go to this account next. */
export function NextPosts({ environment, account, zone }: NextPostsProps) {
  const { socialAccountId } = account;
  const posts = useQuery({
    queryKey: [environment, "posts", "next", socialAccountId],
    queryFn: async () => {
      const { publishing } = clientOf(environment);
      return (await publishing.searchPosts({ socialAccountId, status: WAITING, order: "asc", limit: SHOWN })).items;
    },
  });
  return (
    <Loaded query={posts} skeleton={<SkeletonRows rows={3} />}>
      {(next) =>
        next.length === 0 ? (
          <p className="soft">Nothing waits for this account.</p>
        ) : (
          <ul>
            {next.map((post) => (
              <li key={post.id} className="next-post">
                <Link to="/$environment/posts/$postId" params={{ environment, postId: post.id }} className="cut">
                  <Caption environment={environment} containerId={post.containerId} override={post.captionOverride} />
                </Link>
                <span className="soft small">
                  <Time at={post.scheduledFor} zone={zone} />
                </span>
                <StatusBadge post={post} />
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

interface CaptionProps {
  readonly environment: Environment;
  readonly containerId: string;
  readonly override: string | null;
}

function Caption({ environment, containerId, override }: CaptionProps) {
  const content = useQuery({ ...contentQuery(environment, containerId), enabled: override === null });
  const caption = override ?? content.data?.caption;
  return caption === undefined ? <Skeleton width="14em" /> : caption || "Without a caption";
}
