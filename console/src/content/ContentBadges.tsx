import type { Content } from "presswork-client";
import { Badge } from "../ui/Badge";
import { APPROVALS, hasRequestedChanges, type Look, REVIEW_OUTCOMES, STATES } from "./approvals";

interface ContentBadgesProps {
  readonly content: Content;
  /** Also a state that needs nothing from anyone. */
  readonly isComplete?: boolean;
}

/** The states of content that someone should know: that its files are missing, and how its review stands. */
export function ContentBadges({ content, isComplete = false }: ContentBadgesProps) {
  const isReady = content.status === "completed";
  const approval = hasRequestedChanges(content) ? REVIEW_OUTCOMES.changes_requested : APPROVALS[content.approvalStatus];
  const isApprovalShown = isComplete || content.approvalStatus !== "not_required";
  return (
    <>
      {(!isReady || isComplete) && <LookBadge look={STATES[content.status]} />}
      {isApprovalShown && content.status !== "canceled" && <LookBadge look={approval} />}
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
