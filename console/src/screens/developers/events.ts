import type { EventType } from "presswork-client";

/** The events that an endpoint can receive, with what they say. */
export const EVENTS: readonly { readonly value: EventType; readonly label: string }[] = [
  { value: "post.scheduled", label: "Post accepted" },
  { value: "post.publishing", label: "Post is going out" },
  { value: "post.published", label: "Post published" },
  { value: "post.partial", label: "Thread published in part" },
  { value: "post.drafted", label: "Draft delivered" },
  { value: "post.failed", label: "Post failed" },
  { value: "post.canceled", label: "Post canceled" },
  { value: "post.taken_down", label: "Post taken down" },
  { value: "post.take_down_failed", label: "Post could not be taken down" },
  { value: "post.edited", label: "Live post changed" },
  { value: "content.pending", label: "Content awaits review" },
  { value: "content.changes_requested", label: "Changes requested" },
  { value: "content.approved", label: "Content approved" },
  { value: "content.rejected", label: "Content rejected" },
  { value: "content.reminder", label: "Content still awaits review" },
  { value: "content.commented", label: "Comment on content" },
  { value: "content.mentioned", label: "Someone named in a comment" },
  { value: "content.deleted", label: "Content deleted" },
  { value: "social_account.connected", label: "Account connected" },
  { value: "social_account.needs_reauth", label: "Account must reconnect" },
  { value: "social_account.revoked", label: "Account revoked access" },
  { value: "social_account.token_expiring", label: "Account access ends soon" },
  { value: "webhook.paused", label: "Webhook endpoint paused" },
  { value: "quota.media", label: "Storage almost full" },
];
