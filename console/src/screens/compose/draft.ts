import type { MediaItem, MediaType, Mode, PlatformName, TikTokPostSettings } from "presswork-client";
import { MAX_TARGETS } from "../../api/maxima";
import { type LinkTexts, NO_LINK } from "../../content/links";
import { asEveryone, asLead, changed, follows, leadOf, withLeads } from "./networks";
import type { OptionValues } from "./options/fields";

/** A file of the draft. Its bytes and the progress of its upload are kept apart: see `useUploads`. */
export interface DraftFile {
  /** Ours; after the upload, the file also has the id of its asset. */
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** When it was changed, in milliseconds since 1970; null for a file that exists on the server alone. */
  readonly modifiedAt: number | null;
  readonly altText: string;
  /** Pixels and seconds, as soon as the browser or the server has read them. */
  readonly width: number | null;
  readonly height: number | null;
  readonly durationSeconds: number | null;
  readonly assetId: string | null;
  /** Whether the server has its bytes. */
  readonly isSent: boolean;
}

/** A person tagged in a picture; the distances from left and top in percent. */
export interface UserTag {
  readonly username: string;
  readonly x: number;
  readonly y: number;
  /** The picture, from 0. */
  readonly item: number;
}

export interface InstagramChoices {
  readonly isStory: boolean;
  readonly isAiGenerated: boolean;
  /** As typed: handles separated by spaces or commas. */
  readonly collaborators: string;
  readonly userTags: readonly UserTag[];
  readonly locationId: string;
  readonly coverUrl: string;
  readonly coverTimestampMs: number | null;
  readonly trialReel: "none" | "manual" | "performance";
  readonly audioName: string;
  readonly isOnGrid: boolean;
}

export interface TikTokChoices {
  /** TikTok demands that a person chooses: there is no default. */
  readonly privacyLevel: NonNullable<TikTokPostSettings["privacyLevel"]> | null;
  readonly allowsComments: boolean;
  readonly allowsDuet: boolean;
  readonly allowsStitch: boolean;
  readonly isDisclosed: boolean;
  readonly isBrandOrganic: boolean;
  readonly isBrandedContent: boolean;
  readonly isAiGenerated: boolean;
  readonly title: string;
  readonly coverTimestampMs: number | null;
  readonly coverIndex: number | null;
  readonly music: "default" | "none" | "auto";
}

/** A file with subtitles, as typed. */
export interface Caption {
  readonly language: string;
  readonly name: string;
  readonly url: string;
}

/** What is added to a live YouTube video. */
export interface YouTubeChoices {
  readonly thumbnailUrl: string;
  readonly thumbnailMs: number | null;
  readonly playlistIds: readonly string[];
  readonly captions: readonly Caption[];
}

export interface TargetDraft {
  readonly socialAccountId: string;
  readonly platform: PlatformName;
  readonly mode: Mode;
  /** Whether it has been set apart from the other accounts of its network: what is changed for these leaves it as it is. */
  readonly isApart: boolean;
  /** Texts of its network, or its own ones; null: those for everyone. */
  readonly caption: string | null;
  readonly firstComment: string | null;
  /** Where there are threads: what becomes of a text that is too long for one post. */
  readonly split: "no" | "plain" | "numbered";
  /** Where there are none: whether the parts of a thread go out as one post. */
  readonly joinsParts: boolean;
  readonly instagram: InstagramChoices;
  readonly tiktok: TikTokChoices;
  readonly youtube: YouTubeChoices;
  /** The other options of the other platforms, by their names in the API. */
  readonly options: OptionValues;
}

/** A queue that chooses the time. */
export interface QueueChoice {
  readonly id: string;
  /** The next free time, or one after all that are taken. */
  readonly position: "next" | "last";
  /** The time of the queue that was chosen in the calendar; null: the queue chooses. */
  readonly slotAt: string | null;
}

/** The draft on the server, from which this one continues. */
export interface KeptDraft {
  readonly id: string;
  /** The one that was read or written last. */
  readonly revision: number;
}

/** What is being written. It survives a reload, apart from the bytes of files that were not uploaded yet. */
export interface Draft {
  /** Null: it is in this browser tab alone. */
  readonly kept: KeptDraft | null;
  readonly projectId: string | null;
  readonly containerId: string | null;
  /** Whether the container was made by this draft. Texts of other content are overridden, not changed. */
  readonly isOwn: boolean;
  readonly files: readonly DraftFile[];
  readonly caption: string;
  /** The texts of a thread of posts, in place of the caption; empty: a single post. */
  readonly parts: readonly string[];
  readonly firstComment: string;
  readonly link: LinkTexts;
  /** The link that the container was given; null: none. */
  readonly savedLink: LinkTexts | null;
  readonly targets: readonly TargetDraft[];
  /** Whether a person has chosen accounts; until then, an only account is chosen for them. */
  readonly hasChosen: boolean;
  /** A local time with its zone; null: now, or when the queue says. */
  readonly laterAt: string | null;
  readonly queue: QueueChoice | null;
  readonly labels: readonly string[];
  /** Whether it was sent; the next one begins empty. */
  readonly isDone: boolean;
}

const INSTAGRAM: InstagramChoices = {
  isStory: false,
  isAiGenerated: false,
  collaborators: "",
  userTags: [],
  locationId: "",
  coverUrl: "",
  coverTimestampMs: null,
  trialReel: "none",
  audioName: "",
  isOnGrid: true,
};

const TIKTOK: TikTokChoices = {
  privacyLevel: null,
  allowsComments: false,
  allowsDuet: false,
  allowsStitch: false,
  isDisclosed: false,
  isBrandOrganic: false,
  isBrandedContent: false,
  isAiGenerated: false,
  title: "",
  coverTimestampMs: null,
  coverIndex: null,
  music: "default",
};

const YOUTUBE: YouTubeChoices = { thumbnailUrl: "", thumbnailMs: null, playlistIds: [], captions: [] };

/** Returns a draft with nothing in it. */
export function emptyDraft(projectId: string | null): Draft {
  return {
    kept: null,
    projectId,
    containerId: null,
    isOwn: true,
    files: [],
    caption: "",
    parts: [],
    firstComment: "",
    link: NO_LINK,
    savedLink: null,
    targets: [],
    hasChosen: false,
    laterAt: null,
    queue: null,
    labels: [],
    isDone: false,
  };
}

/** Whether a draft has something that a person would miss. */
export function isUnfinished({ isDone, files, caption, parts, firstComment, link }: Draft): boolean {
  const texts = [caption, firstComment, link.url, ...parts];
  return !isDone && (files.length > 0 || texts.some((text) => text !== ""));
}

/** Returns a target with the platform's defaults. */
export function newTarget(socialAccountId: string, platform: PlatformName, mode: Mode = "publish"): TargetDraft {
  return {
    socialAccountId,
    platform,
    mode,
    isApart: false,
    caption: null,
    firstComment: null,
    split: "no",
    joinsParts: false,
    instagram: INSTAGRAM,
    tiktok: TIKTOK,
    youtube: YOUTUBE,
    options: {},
  };
}

/** Returns the files of content that exists. */
export function filesOf(media: readonly MediaItem[]): readonly DraftFile[] {
  return media.map((item, position) => ({
    id: item.id,
    name: item.filename ?? `File ${position + 1}`,
    contentType: item.contentType ?? "",
    sizeBytes: item.sizeBytes ?? 0,
    modifiedAt: null,
    altText: item.altText ?? "",
    width: item.width,
    height: item.height,
    durationSeconds: item.durationSeconds,
    assetId: item.id,
    isSent: true,
  }));
}

export function isVideo(file: Pick<DraftFile, "contentType">): boolean {
  return file.contentType.startsWith("video/");
}

export function isDocument(file: Pick<DraftFile, "contentType">): boolean {
  return file.contentType === "application/pdf";
}

/** Returns what the files are together; null without any. */
export function mediaTypeOf(files: readonly DraftFile[]): MediaType | null {
  const [first] = files;
  if (first === undefined) return null;
  if (files.length > 1) return files.some(isVideo) ? "mixed" : "multi";
  if (isDocument(first)) return "document";
  return isVideo(first) ? "video" : "image";
}

/** Returns what a draft is as a post: a text where it has no files; null: there is nothing yet. */
export function kindOf({ files, ...texts }: Pick<Draft, "files" | "caption" | "parts" | "link">): MediaType | null {
  const words = texts.parts.length > 0 ? texts.parts : [texts.caption, texts.link.url];
  return mediaTypeOf(files) ?? (words.every((text) => text.trim() === "") ? null : "text");
}

/** Returns the texts of parts as one text, as the API joins them. */
export function joined(parts: readonly string[]): string {
  return parts.filter((text) => text.trim() !== "").join("\n\n");
}

/** Whether a target is a story, which has one file. */
export function isStory(
  { platform, instagram, options }: Pick<TargetDraft, "platform" | "instagram" | "options">,
  mediaType: MediaType | null,
): boolean {
  const isChosen = platform === "instagram" ? instagram.isStory : options["placement"] === "story";
  return isChosen && (mediaType === null || mediaType === "image" || mediaType === "video");
}

export type Action =
  | { readonly type: "load"; readonly draft: Draft }
  | { readonly type: "project"; readonly projectId: string }
  | { readonly type: "text"; readonly caption?: string; readonly firstComment?: string }
  | { readonly type: "parts"; readonly parts: readonly string[] }
  | { readonly type: "link"; readonly change: Partial<LinkTexts> }
  | { readonly type: "saved"; readonly containerId: string; readonly link: LinkTexts }
  | { readonly type: "when"; readonly laterAt: string | null }
  | { readonly type: "queue"; readonly queue: QueueChoice }
  | { readonly type: "labels"; readonly labels: readonly string[] }
  | { readonly type: "done" }
  | { readonly type: "kept"; readonly kept: KeptDraft | null }
  | { readonly type: "add files"; readonly files: readonly DraftFile[] }
  | { readonly type: "remove file"; readonly id: string }
  | { readonly type: "order files"; readonly ids: readonly string[] }
  | { readonly type: "file"; readonly id: string; readonly change: Partial<DraftFile> }
  | { readonly type: "opened"; readonly containerId: string | null }
  | { readonly type: "completed"; readonly containerId: string; readonly media: readonly MediaItem[] }
  | { readonly type: "add target"; readonly target: TargetDraft; readonly isAutomatic?: true }
  | { readonly type: "remove target"; readonly socialAccountId: string }
  | { readonly type: "network"; readonly platform: PlatformName; readonly change: TargetChange }
  | { readonly type: "as everyone"; readonly platform: PlatformName }
  | { readonly type: "target"; readonly socialAccountId: string; readonly change: TargetChange }
  | { readonly type: "apart"; readonly socialAccountId: string; readonly isApart: boolean };

/** What a person changes of a target. */
export type TargetChange = Partial<Omit<TargetDraft, "socialAccountId" | "platform" | "isApart">>;

/** Other files need another container. */
function withFiles(draft: Draft, files: readonly DraftFile[]): Draft {
  return {
    ...draft,
    containerId: null,
    savedLink: null,
    isOwn: true,
    files: files.map((file) => ({ ...file, assetId: null, isSent: false })),
  };
}

/** Returns the draft after an action. */
export function reduce(draft: Draft, action: Action): Draft {
  switch (action.type) {
    case "load":
      return action.draft;
    case "project":
      if (action.projectId === draft.projectId) return draft;
      // A draft on the server stays with its project.
      return {
        ...withFiles(draft, draft.files),
        kept: null,
        projectId: action.projectId,
        queue: null,
        targets: [],
        hasChosen: false,
      };
    case "text":
      return {
        ...draft,
        ...(action.caption !== undefined && { caption: action.caption }),
        ...(action.firstComment !== undefined && { firstComment: action.firstComment }),
      };
    case "parts": {
      const isSameKind = draft.parts.length > 0 === action.parts.length > 0;
      // A thread and a single post are different content.
      return { ...draft, parts: action.parts, ...(!isSameKind && { containerId: null, savedLink: null }) };
    }
    case "link":
      return { ...draft, link: { ...draft.link, ...action.change } };
    case "saved":
      if (draft.files.length > 0) return draft; // which another container gets
      return { ...draft, containerId: action.containerId, savedLink: action.link };
    case "when":
      return { ...draft, laterAt: action.laterAt, queue: null };
    case "queue":
      return { ...draft, laterAt: null, queue: action.queue };
    case "labels":
      return { ...draft, labels: action.labels };
    case "done":
      return { ...draft, isDone: true };
    case "kept":
      return { ...draft, kept: action.kept };
    case "add files":
      return withFiles(draft, [...draft.files, ...action.files]);
    case "remove file":
      return withFiles(
        draft,
        draft.files.filter((file) => file.id !== action.id),
      );
    case "order files": {
      const byId = new Map(draft.files.map((file) => [file.id, file]));
      return withFiles(
        draft,
        action.ids.flatMap((id) => byId.get(id) ?? []),
      );
    }
    case "file":
      return {
        ...draft,
        files: draft.files.map((file) => (file.id === action.id ? { ...file, ...action.change } : file)),
      };
    case "opened":
      return {
        ...draft,
        containerId: action.containerId,
        files: draft.files.map((file) => ({ ...file, isSent: false })),
      };
    case "completed":
      if (draft.containerId !== action.containerId) return draft; // of files that were replaced meanwhile
      return {
        ...draft,
        files: draft.files.map((file, position) => ({
          ...file,
          assetId: action.media[position]?.id ?? null,
          width: action.media[position]?.width ?? file.width,
          height: action.media[position]?.height ?? file.height,
          durationSeconds: action.media[position]?.durationSeconds ?? file.durationSeconds,
        })),
      };
    case "add target":
      if (draft.targets.length >= MAX_TARGETS) return draft;
      if (draft.targets.some((one) => one.socialAccountId === action.target.socialAccountId)) return draft;
      return {
        ...draft,
        targets: [...draft.targets, asLead(action.target, leadOf(draft, action.target.platform))],
        hasChosen: draft.hasChosen || action.isAutomatic === undefined,
      };
    case "remove target":
      return {
        ...draft,
        hasChosen: true,
        targets: withLeads(draft.targets.filter((one) => one.socialAccountId !== action.socialAccountId)),
      };
    case "network": {
      const lead = leadOf(draft, action.platform);
      const change = (one: TargetDraft) => (follows(one, action) ? changed(one, action.change, lead) : one);
      return { ...draft, targets: draft.targets.map(change) };
    }
    case "as everyone":
      return { ...draft, targets: draft.targets.map((one) => (follows(one, action) ? asEveryone(one) : one)) };
    case "target":
      return {
        ...draft,
        targets: draft.targets.map((one) =>
          one.socialAccountId === action.socialAccountId ? { ...one, ...action.change } : one,
        ),
      };
    case "apart":
      return {
        ...draft,
        targets: draft.targets.map((one) => {
          if (one.socialAccountId !== action.socialAccountId) return one;
          return action.isApart ? { ...one, isApart: true } : asLead(one, leadOf(draft, one.platform));
        }),
      };
  }
}
