import type {
  BlueskyPostSettingsParam,
  FacebookPostSettingsParam,
  LinkedInPostSettingsParam,
  PlatformName,
  ThreadsPostSettingsParam,
  YouTubePostSettingsParam,
} from "presswork-client";
import type { OptionField } from "./fields";

/** Fields whose names the API has: a typo does not compile. */
type FieldsOf<Settings> = readonly (OptionField & { readonly name: keyof Settings & string })[];

const upperCase = (word: string) => word.toUpperCase();
const hashless = (word: string) => word.replace(/^#+/, "");

const THREADS: FieldsOf<ThreadsPostSettingsParam> = [
  {
    kind: "choice",
    name: "replyControl",
    label: "Who can reply",
    choices: [
      { id: "everyone", label: "Everyone" },
      { id: "accounts_you_follow", label: "Accounts that the profile follows" },
      { id: "followers_only", label: "Followers" },
      { id: "mentioned_only", label: "Mentioned accounts" },
      { id: "parent_post_author_only", label: "The author alone" },
    ],
  },
  {
    kind: "text",
    name: "topicTag",
    label: "Topic",
    maxLength: 50,
    hint: "Without it, the first hashtag of the caption is the topic.",
  },
  { kind: "flag", name: "isSpoilerMedia", label: "Hide the media until a person taps them", isOn: false },
  { kind: "flag", name: "enableReplyApprovals", label: "Show replies only once they are approved", isOn: false },
  {
    kind: "flag",
    name: "crossreshareToInstagram",
    label: "Share it as a story on the linked Instagram account",
    isOn: false,
    hint: "Needs the permission threads_share_to_instagram.",
  },
  {
    kind: "text",
    name: "quotePostId",
    label: "Quoted post",
    placeholder: "18043215612345678",
    hint: "The id of a post on Threads.",
  },
  {
    kind: "list",
    name: "allowlistedCountryCodes",
    label: "Only in these countries",
    placeholder: "DE, AT, CH",
    tidy: upperCase,
    hint: "For accounts for which Threads has turned this on.",
  },
];

const TITLE_CHARACTERS = 100;

/** Returns the title that a video has without one of its own: the first line of the caption. */
export function titleOf(caption: string): string {
  const [line = ""] = caption.trim().split("\n");
  return [...line.trim()].slice(0, TITLE_CHARACTERS).join("").trimEnd();
}

const YOUTUBE: FieldsOf<YouTubePostSettingsParam> = [
  {
    kind: "text",
    name: "title",
    label: "Title",
    maxLength: TITLE_CHARACTERS,
    fallback: titleOf,
  },
  {
    kind: "choice",
    name: "privacy",
    label: "Who can see the video",
    choices: [
      { id: "public", label: "Everyone" },
      { id: "unlisted", label: "People who have the link" },
      { id: "private", label: "The channel alone" },
    ],
  },
  {
    kind: "flag",
    name: "madeForKids",
    label: "The video is made for kids",
    isOn: false,
    hint: "The channel's owner has to declare this truthfully. Such videos have no comments.",
  },
  {
    kind: "flag",
    name: "containsSyntheticMedia",
    label: "It shows altered or synthetic content that looks real",
    isOn: false,
  },
  { kind: "list", name: "tags", label: "Tags", placeholder: "bread, sourdough", tidy: hashless },
  {
    kind: "text",
    name: "categoryId",
    label: "Category",
    placeholder: "22",
    hint: "The number of a category. Without it: 22, People & Blogs.",
  },
  {
    kind: "text",
    name: "defaultLanguage",
    label: "Language",
    maxLength: 35,
    placeholder: "en",
    hint: "Of title and description.",
  },
  {
    kind: "choice",
    name: "license",
    label: "License",
    choices: [
      { id: "youtube", label: "YouTube's standard license" },
      { id: "creativeCommon", label: "Creative Commons, with attribution" },
    ],
  },
  { kind: "flag", name: "notifySubscribers", label: "Notify subscribers", isOn: true },
  { kind: "flag", name: "embeddable", label: "Allow other sites to embed it", isOn: true },
];

const BLUESKY: FieldsOf<BlueskyPostSettingsParam> = [
  {
    kind: "several",
    name: "replyControl",
    label: "Who can reply",
    choices: [
      { id: "mentioned", label: "Mentioned accounts" },
      { id: "followers", label: "Followers" },
      { id: "following", label: "Accounts that this one follows" },
    ],
    groups: { all: "Everyone", some: "Only some", none: "No other account" },
  },
  {
    kind: "choice",
    name: "quoteControl",
    label: "Who can quote the post",
    choices: [
      { id: "everyone", label: "Everyone" },
      { id: "none", label: "No one" },
    ],
  },
  {
    kind: "several",
    name: "contentLabels",
    label: "Warn people of",
    choices: [
      { id: "sexual", label: "Sexual content" },
      { id: "nudity", label: "Nudity" },
      { id: "porn", label: "Pornography" },
      { id: "graphic-media", label: "Graphic media" },
    ],
  },
  {
    kind: "list",
    name: "languages",
    label: "Languages of the text",
    placeholder: "en, pt-BR",
    hint: "Up to three.",
  },
  {
    kind: "list",
    name: "tags",
    label: "Tags",
    placeholder: "bakery",
    tidy: hashless,
    hint: "Up to eight, besides those in the text, which does not show them.",
  },
];

const FACEBOOK: FieldsOf<FacebookPostSettingsParam> = [
  { kind: "text", name: "title", label: "Title of the video", maxLength: 255, media: ["video"] },
  {
    kind: "list",
    name: "countries",
    label: "Only in these countries",
    placeholder: "DE, AT, CH",
    tidy: upperCase,
    hint: "Up to 25.",
  },
];

const LINKEDIN: FieldsOf<LinkedInPostSettingsParam> = [
  {
    kind: "choice",
    name: "visibility",
    label: "Who can see the post",
    choices: [
      { id: "PUBLIC", label: "Everyone" },
      { id: "LOGGED_IN", label: "Members of LinkedIn" },
      { id: "CONNECTIONS", label: "Connections of the member" },
    ],
    hint: "Posts of a page are for everyone.",
  },
  { kind: "text", name: "title", label: "Title of the video", maxLength: 200, media: ["video"] },
  { kind: "flag", name: "isReshareDisabled", label: "Keep others from reposting it", isOn: false },
];

/** The options of the platforms that have no panel of their own. */
export const OPTION_FIELDS: Readonly<Partial<Record<PlatformName, readonly OptionField[]>>> = {
  threads: THREADS,
  youtube: YOUTUBE,
  bluesky: BLUESKY,
  facebook: FACEBOOK,
  linkedin: LINKEDIN,
};
