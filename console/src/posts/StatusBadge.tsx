import { Ban, CircleCheck, CircleX, Clock, Hourglass, LoaderCircle, type LucideIcon, Smartphone } from "lucide-react";
import type { ScheduledPost, Status } from "presswork-client";
import { Badge, type Tone } from "../ui/Badge";

interface Look {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: LucideIcon;
}

const LOOKS: Readonly<Record<Status, Look>> = {
  queued: { label: "Queued", tone: "info", icon: Clock },
  publishing: { label: "Publishing", tone: "accent", icon: LoaderCircle },
  published: { label: "Published", tone: "good", icon: CircleCheck },
  draft: { label: "Draft delivered", tone: "good", icon: Smartphone },
  failed: { label: "Failed", tone: "bad", icon: CircleX },
  canceled: { label: "Canceled", tone: "neutral", icon: Ban },
};

/** How the states are called here. */
export const STATUS_LABELS: Readonly<Record<Status, string>> = {
  queued: LOOKS.queued.label,
  publishing: LOOKS.publishing.label,
  published: LOOKS.published.label,
  draft: LOOKS.draft.label,
  failed: LOOKS.failed.label,
  canceled: LOOKS.canceled.label,
};

const WAITS_FOR_APPROVAL: Look = { label: "Waits for approval", tone: "warn", icon: Hourglass };
const OUTCOME_UNKNOWN: Look = { label: "Outcome unknown", tone: "bad", icon: CircleX };

/** Whether it is not known if a post went live. */
export function isOutcomeUnknown(post: Pick<ScheduledPost, "status" | "lastError">): boolean {
  return post.status === "failed" && post.lastError?.code === "OUTCOME_UNKNOWN";
}

/** Returns how a post's state is called here. */
export function lookOf(post: Pick<ScheduledPost, "status" | "gateStatus" | "lastError">): Look {
  if (post.gateStatus !== null && post.status === "queued") return WAITS_FOR_APPROVAL;
  if (isOutcomeUnknown(post)) return OUTCOME_UNKNOWN;
  return LOOKS[post.status];
}

/** The state of a post in a word or two. */
export function StatusBadge({ post }: { readonly post: Pick<ScheduledPost, "status" | "gateStatus" | "lastError"> }) {
  const { label, tone, icon: Icon } = lookOf(post);
  return (
    <Badge tone={tone} icon={<Icon aria-hidden />}>
      {label}
    </Badge>
  );
}
