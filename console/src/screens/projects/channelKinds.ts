import { Hash, type LucideIcon, Mail, MessagesSquare, Users } from "lucide-react";
import type { ChannelKind, ChannelPause, NoticeType } from "presswork-client";

interface Kind {
  readonly id: ChannelKind;
  readonly label: string;
  readonly icon: LucideIcon;
  /** What the field of its address is called. */
  readonly field: string;
  readonly placeholder: string;
  /** Where a person gets the address. */
  readonly guide: string;
}

/** Where messages of a project can go. */
export const CHANNEL_KINDS: readonly Kind[] = [
  {
    id: "slack",
    label: "Slack",
    icon: Hash,
    field: "Webhook URL",
    placeholder: "https://hooks.slack.com/services/…",
    guide:
      "In Slack, open api.slack.com/apps, create an app for your workspace, switch on “Incoming Webhooks”, add one to the channel, and copy its URL.",
  },
  {
    id: "teams",
    label: "Microsoft Teams",
    icon: Users,
    field: "Webhook URL",
    placeholder: "https://….logic.azure.com/workflows/…",
    guide:
      "In Teams, open the menu of the channel, choose “Workflows”, then “Post to a channel when a webhook request is received”, and copy the URL that it shows at the end.",
  },
  {
    id: "discord",
    label: "Discord",
    icon: MessagesSquare,
    field: "Webhook URL",
    placeholder: "https://discord.com/api/webhooks/…",
    guide:
      "In Discord, open the settings of the channel, choose “Integrations”, then “Webhooks”, make a new one, and copy its URL.",
  },
  {
    id: "email",
    label: "E-mail",
    icon: Mail,
    field: "Address",
    placeholder: "team@example.com",
    guide: "An address that several people read. Each message has a link at which it can be stopped.",
  },
];

/** The events of which a new channel has messages: what needs someone. */
export const USUAL_EVENTS: readonly NoticeType[] = [
  "content.pending",
  "post.failed",
  "post.outcome_unknown",
  "social_account.needs_reauth",
];

/** Why a channel is paused, and what to do. */
export const CHANNEL_PAUSES: Readonly<Record<ChannelPause, string>> = {
  by_request: "It was paused by a person.",
  too_many_failures: "Many messages in a row could not be sent. Check the URL, then resume it.",
  refused: "The webhook does not exist there any more. Make a new one, and put its URL in here.",
  unsubscribed: "Who reads the address stopped the messages.",
};

/** Returns the kind of a channel. */
export function kindOf(id: ChannelKind): Kind {
  return CHANNEL_KINDS.find((kind) => kind.id === id) ?? (CHANNEL_KINDS[0] as Kind);
}
