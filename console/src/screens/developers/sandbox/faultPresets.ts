import type { PlatformName, SandboxAddFaultParams, SandboxFault } from "presswork-client";
import { PLATFORMS, platformName } from "../../../platforms/platforms";

type NewFault = Pick<SandboxAddFaultParams, "platform" | "operation" | "fault"> & {
  readonly value?: Readonly<Record<string, string | number>>;
};

/** A fault that a switch sets, by name, and what becomes of posts. */
export interface Preset {
  readonly id: string;
  readonly label: string;
  readonly effect: string;
  readonly faults: readonly NewFault[];
}

const RESTRICTED = { code: 25, subcode: 2207050 };
const TOO_MANY = { code: "spam_risk_too_many_posts" };
const QUOTA = { code: "quotaExceeded" };
const NO_CREDITS = { code: "CreditsDepleted" };

/** The calls of each platform that make a post live. */
const LIVE_CALLS: Readonly<Record<PlatformName, readonly [string, ...string[]]>> = {
  instagram: ["media_publish"],
  tiktok: ["video_init", "content_init"],
  threads: ["threads_publish"],
  youtube: ["videos_update"],
  bluesky: ["put_record"],
  mastodon: ["statuses"],
  x: ["tweets"],
  telegram: ["send_message", "send_photo", "send_video", "send_media_group"],
  pinterest: ["pins"],
  facebook: ["feed", "video_finish", "reel_finish"],
  linkedin: ["posts"],
};

const SPECIAL: readonly Preset[] = [
  {
    id: "instagram-restricted",
    label: "Instagram restricts accounts",
    effect: "Publishing is refused for good. Posts fail, with the cause and what to do.",
    faults: [{ platform: "instagram", operation: "media_publish", fault: "platform_error", value: RESTRICTED }],
  },
  {
    id: "instagram-stuck",
    label: "Instagram never finishes processing",
    effect: "Containers stay in progress until this is off.",
    faults: [{ platform: "instagram", operation: "container_status", fault: "stuck_processing" }],
  },
  {
    id: "tiktok-too-many",
    label: "TikTok counts too many posts",
    effect: "Each account has used its posts of the day. Posts wait for the next one.",
    faults: liveFaults("tiktok", "platform_error", TOO_MANY),
  },
  {
    id: "youtube-quota",
    label: "YouTube's quota of the day is used up",
    effect: "Uploads are refused for all channels together. Posts wait for the next day.",
    faults: [{ platform: "youtube", operation: "videos_insert", fault: "platform_error", value: QUOTA }],
  },
  {
    id: "x-credits",
    label: "X's credits are used up",
    effect: "Posts of all accounts wait until there are some again.",
    faults: liveFaults("x", "platform_error", NO_CREDITS),
  },
];

/** The switches, those of a platform together. */
export const PRESETS: readonly Preset[] = [
  ...PLATFORMS.flatMap((platform) => [
    {
      id: `${platform}-down`,
      label: `${platformName(platform)} is down`,
      effect: "Publishing answers with an error page (HTTP 502). Posts wait and are tried again.",
      faults: liveFaults(platform, "html_502"),
    },
    {
      id: `${platform}-lost-answer`,
      label: `${ofPlatform(platform)} answer is lost`,
      effect: "Posts go live, but the connection breaks. Presswork asks what became of them and posts nothing twice.",
      faults: liveFaults(platform, "drop_after_effect"),
    },
    ...SPECIAL.filter(({ faults }) => faults[0]?.platform === platform),
  ]),
  {
    id: "slow",
    label: "All platforms are slow",
    effect: "Each publishing call takes five seconds.",
    faults: PLATFORMS.flatMap((platform) => liveFaults(platform, "latency", { ms: 5000 })),
  },
];

function ofPlatform(platform: PlatformName): string {
  const name = platformName(platform);
  return name.endsWith("s") ? `${name}'` : `${name}'s`;
}

/** Returns the platform that a preset disturbs; null: several. */
export function platformOf(preset: Preset): SandboxFault["platform"] | null {
  const [first] = preset.faults;
  return first !== undefined && preset.faults.every(({ platform }) => platform === first.platform)
    ? first.platform
    : null;
}

function liveFaults(
  platform: PlatformName,
  fault: NewFault["fault"],
  value?: NonNullable<NewFault["value"]>,
): readonly NewFault[] {
  return LIVE_CALLS[platform].map((operation) => ({ platform, operation, fault, ...(value && { value }) }));
}

/** The operations that a person may want to disturb. The sandbox knows more, which docs/sandbox.md lists. */
export const OPERATIONS = {
  instagram: [
    "media",
    "container_status",
    "media_publish",
    "permalink",
    "comments",
    "content_publishing_limit",
    "upload",
    "token",
    "refresh",
    "me",
  ],
  tiktok: ["creator_info", "video_init", "inbox_init", "content_init", "upload", "status_fetch", "token", "refresh"],
  threads: [
    "threads",
    "container_status",
    "threads_publish",
    "permalink",
    "threads_list",
    "replies_list",
    "threads_publishing_limit",
    "token",
    "refresh",
    "me",
  ],
  youtube: [
    "videos_insert",
    "upload",
    "videos_list",
    "videos_update",
    "comment_threads_insert",
    "playlist_items_list",
    "channels",
    "token",
    "refresh",
  ],
  bluesky: [
    "upload_blob",
    "upload_video",
    "job_status",
    "put_record",
    "get_record",
    "list_records",
    "par",
    "token",
    "refresh",
  ],
  mastodon: [
    "media",
    "media_status",
    "statuses",
    "status",
    "account_statuses",
    "context",
    "status_update",
    "status_delete",
    "instance",
    "apps",
    "token",
  ],
  x: [
    "media_initialize",
    "media_append",
    "media_finalize",
    "media_status",
    "media_upload",
    "media_metadata",
    "tweets",
    "user_tweets",
    "tweets_lookup",
    "search_recent",
    "hide_reply",
    "delete",
    "token",
    "refresh",
    "me",
  ],
  telegram: [
    "send_message",
    "send_photo",
    "send_video",
    "send_media_group",
    "edit_message_text",
    "edit_message_caption",
    "delete_message",
    "get_updates",
    "get_chat",
    "get_chat_member",
    "get_me",
  ],
  pinterest: [
    "media",
    "upload",
    "media_status",
    "pins",
    "pins_list",
    "pin",
    "pin_update",
    "pin_delete",
    "boards_list",
    "user_account",
    "token",
    "refresh",
  ],
  facebook: [
    "photos",
    "feed",
    "video_start",
    "video_transfer",
    "video_finish",
    "reel_start",
    "upload",
    "reel_finish",
    "video_status",
    "published_posts",
    "permalink",
    "comments",
    "token",
    "refresh",
    "page",
  ],
  linkedin: [
    "images_initialize",
    "videos_initialize",
    "upload",
    "videos_finalize",
    "media_status",
    "posts",
    "posts_by_author",
    "comments",
    "token",
    "refresh",
    "userinfo",
  ],
  sms: ["messages", "message_status"],
  provider: ["dispatch", "dispatch_status", "dispatch_cancel"],
} as const satisfies Record<SandboxFault["platform"], readonly [string, ...string[]]>;

export const FAULTS: readonly { readonly id: SandboxFault["fault"]; readonly label: string }[] = [
  { id: "http_500", label: "HTTP 500" },
  { id: "html_502", label: "HTTP 502 with an HTML page" },
  { id: "latency", label: "A late answer" },
  { id: "drop_before_effect", label: "The connection breaks before anything happens" },
  { id: "drop_after_effect", label: "The connection breaks after it happened" },
  { id: "late_effect", label: "The connection breaks, and it happens later" },
  { id: "malformed_json", label: "A truncated answer" },
  { id: "platform_error", label: "An error of the platform" },
  { id: "token_expired", label: "The token has expired" },
  { id: "stuck_processing", label: "Processing never ends" },
  { id: "media_error", label: "Processing fails" },
];

/** Returns the faults of a preset that are set, for all accounts and until they are cleared. */
export function setFaultsOf(preset: Preset, faults: readonly SandboxFault[]): readonly SandboxFault[] {
  return faults.filter(
    (fault) => fault.handle === null && fault.times === -1 && preset.faults.some((wanted) => isSame(wanted, fault)),
  );
}

/** Whether all faults of a preset are set. */
export function isOn(preset: Preset, faults: readonly SandboxFault[]): boolean {
  return preset.faults.every((wanted) => setFaultsOf(preset, faults).some((fault) => isSame(wanted, fault)));
}

function isSame(wanted: NewFault, fault: SandboxFault): boolean {
  return (
    wanted.platform === fault.platform &&
    wanted.operation === fault.operation &&
    wanted.fault === fault.fault &&
    Object.entries(wanted.value ?? {}).every(([name, value]) => fault.value[name] === value)
  );
}
