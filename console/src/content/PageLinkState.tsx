import type { LinkStatus } from "presswork-client";
import { Badge, type Tone } from "../ui/Badge";
import { Time } from "../ui/Time";

const STATUSES: Readonly<Record<LinkStatus, { readonly tone: Tone; readonly label: string }>> = {
  active: { tone: "good", label: "active" },
  used_up: { tone: "neutral", label: "used up" },
  expired: { tone: "neutral", label: "expired" },
  revoked: { tone: "neutral", label: "revoked" },
};

/** Whether a link to a page without a login opens its page. */
export function LinkStatusBadge({ status }: { readonly status: LinkStatus }) {
  const { tone, label } = STATUSES[status];
  return <Badge tone={tone}>{label}</Badge>;
}

interface LinkVisitsProps {
  readonly link: { readonly visits: number; readonly lastVisitedAt: string | null };
}

/** How often the page of a link was opened, and when last. */
export function LinkVisits({ link }: LinkVisitsProps) {
  if (link.lastVisitedAt === null) return <>none</>;
  return (
    <span className="two-lines">
      <span>{link.visits}</span>
      <span className="soft small">
        last <Time at={link.lastVisitedAt} isRelative />
      </span>
    </span>
  );
}
