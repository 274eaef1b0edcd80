import {
  AtSign,
  BellRing,
  CircleCheck,
  CircleHelp,
  CircleX,
  ClipboardCheck,
  Gauge,
  type LucideIcon,
  MessageCircle,
  MessageSquareText,
  Plug,
  Timer,
  Webhook,
} from "lucide-react";
import type { NoticeType } from "presswork-client";

/** How an event is called and shown. */
interface Look {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly tone: "bad" | "warn" | "good" | "info";
}

/** The events of which people are notified, in the order of a day's work. */
export const NOTICES: Readonly<Record<NoticeType, Look>> = {
  "content.pending": { label: "Content waits for approval", icon: ClipboardCheck, tone: "info" },
  "content.reminder": { label: "Content still waits for approval", icon: BellRing, tone: "warn" },
  "content.changes_requested": { label: "Changes were requested", icon: MessageSquareText, tone: "warn" },
  "content.approved": { label: "Content was approved", icon: CircleCheck, tone: "good" },
  "content.rejected": { label: "Content was rejected", icon: CircleX, tone: "bad" },
  "content.commented": { label: "Someone commented on content", icon: MessageCircle, tone: "info" },
  "content.mentioned": { label: "You were named in a comment", icon: AtSign, tone: "info" },
  "post.failed": { label: "A post failed", icon: CircleX, tone: "bad" },
  "post.outcome_unknown": { label: "It is not known whether a post is live", icon: CircleHelp, tone: "warn" },
  "social_account.needs_reauth": { label: "An account must be connected again", icon: Plug, tone: "bad" },
  "social_account.token_expiring": { label: "The access to an account ends soon", icon: Timer, tone: "warn" },
  "webhook.paused": { label: "A webhook endpoint was paused", icon: Webhook, tone: "warn" },
  "usage.near_limit": { label: "80 % of a limit is used", icon: Gauge, tone: "warn" },
  "usage.limit_reached": { label: "A limit is reached", icon: Gauge, tone: "bad" },
  "quota.media": { label: "80 % of the storage is used", icon: Gauge, tone: "warn" },
};
