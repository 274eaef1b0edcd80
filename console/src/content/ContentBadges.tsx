import type { Content } from "presswork-client";
import { Badge } from "../ui/Badge";
import { APPROVALS, hasRequestedChanges, type Look, REVIEW_OUTCOMES, STATES } from "./approvals";

/** The states of content that someone should know: that its files are missing, and how its review stands. */
export function ContentBadges({ content }: { readonly content: Content }) {
  const isReady = content.status === "completed";
  const approval = hasRequestedChanges(content) ? REVIEW_OUTCOMES.changes_requested : APPROVALS[content.approvalStatus];
  const isApprovalShown = content.approvalStatus !== "not_required";
  return (
    <>
      {!isReady && <LookBadge look={STATES[content.status]} />}
      {isApprovalShown && content.status !== "canceled" && content.status !== "deleted" && (
        <LookBadge look={approval} />
      )}
    </>
  );
}

function LookBadge({ look: { label, tone, icon: Icon } }: { readonly look: Look }) {
  return (
    <Badge tone={tone} icon={Icon && <Icon aria-hidden />}>
      {label}
    </Badge>
  );
}
