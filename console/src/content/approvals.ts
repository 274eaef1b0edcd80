import { CircleCheck, CircleX, Hourglass, type LucideIcon, MessageSquareText, Trash2 } from "lucide-react";
import type { ApprovalStatus, ContainerStatus, Content, ReviewOutcome } from "presswork-client";
import type { Tone } from "../ui/Badge";

/** How a state is called here. */
export interface Look {
  readonly label: string;
  readonly tone: Tone;
  readonly icon?: LucideIcon;
}

export const APPROVALS: Readonly<Record<ApprovalStatus, Look>> = {
  pending: { label: "Waits for approval", tone: "warn", icon: Hourglass },
  approved: { label: "Approved", tone: "good", icon: CircleCheck },
  rejected: { label: "Rejected", tone: "bad", icon: CircleX },
  not_required: { label: "No approval needed", tone: "neutral" },
};

export const STATES: Readonly<Record<ContainerStatus, Look>> = {
  completed: { label: "Ready", tone: "good" },
  queued: { label: "Waits for its files", tone: "info" },
  processing: { label: "Processing", tone: "info" },
  failed: { label: "Failed", tone: "bad" },
  canceled: { label: "Canceled", tone: "neutral" },
  deleted: { label: "Deleted", tone: "neutral", icon: Trash2 },
};

export const REVIEW_OUTCOMES: Readonly<Record<ReviewOutcome, Look & { readonly icon: LucideIcon }>> = {
  approved: { label: "Approved", tone: "good", icon: CircleCheck },
  rejected: { label: "Rejected", tone: "bad", icon: CircleX },
  changes_requested: { label: "Changes requested", tone: "warn", icon: MessageSquareText },
};

/** Returns whether a reviewer asked for changes to content that still waits. */
export function hasRequestedChanges(content: Pick<Content, "approvalStatus" | "reviewNote">): boolean {
  return content.approvalStatus === "pending" && content.reviewNote !== null;
}
