import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleX,
  Clock,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Smartphone,
  Trash2,
} from "lucide-react";
import type { LiveStatus, ScheduledPost, Status } from "presswork-client";
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
const IN_PART: Look = { label: "Published in part", tone: "warn", icon: CircleAlert };
const OUTCOME_UNKNOWN: Look = { label: "Outcome unknown", tone: "bad", icon: CircleX };
const NOT_TAKEN_DOWN: Look = { label: "Not taken down", tone: "bad", icon: CircleX };

/** What became of a post after it was published; null while it is simply live. */
const AFTERWARDS: Readonly<Record<LiveStatus, Look | null>> = {
  live: null,
  taking_down: { label: "Being taken down", tone: "accent", icon: LoaderCircle },
  taken_down: { label: "Taken down", tone: "neutral", icon: Trash2 },
  gone: { label: "Gone", tone: "neutral", icon: Trash2 },
  take_down_failed: NOT_TAKEN_DOWN,
  not_supported: NOT_TAKEN_DOWN,
};

/** Whether it is not known if a post went live. */
export function isOutcomeUnknown(post: Pick<ScheduledPost, "status" | "lastError">): boolean {
  return post.status === "failed" && post.lastError?.code === "OUTCOME_UNKNOWN";
}

/** What the state of a post is read from. */
type Badged = Pick<ScheduledPost, "status" | "gateStatus" | "lastError" | "liveStatus"> &
  Partial<Pick<ScheduledPost, "threadStatus">>;

/** Whether a thread ended before all of its parts were live, as far as is known. */
export function isInPart({ threadStatus }: Partial<Pick<ScheduledPost, "threadStatus">>): boolean {
  return threadStatus === "partial" || threadStatus === "unknown";
}

/** Returns how a post's state is called here. */
export function lookOf(post: Badged): Look {
  if (post.gateStatus !== null && post.status === "queued") return WAITS_FOR_APPROVAL;
  if (isOutcomeUnknown(post)) return OUTCOME_UNKNOWN;
  const later = post.liveStatus === null ? null : AFTERWARDS[post.liveStatus];
  return later ?? (isInPart(post) ? IN_PART : LOOKS[post.status]);
}

/** The state of a post in a word or two. */
export function StatusBadge({ post }: { readonly post: Badged }) {
  const { label, tone, icon: Icon } = lookOf(post);
  return (
    <Badge tone={tone} icon={<Icon aria-hidden />}>
      {label}
    </Badge>
  );
}
