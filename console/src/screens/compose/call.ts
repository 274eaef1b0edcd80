import type {
  ContentCreateParams,
  InstagramPostSettingsParam,
  LinkRequestParam,
  MediaPatchParam,
  MediaType,
  PartPatchParam,
  TargetParam,
  TikTokPostSettingsParam,
  YouTubePostSettingsParam,
} from "presswork-client";
import { MAX_CHARACTERS } from "../../api/maxima";
import { linkParam } from "../../content/links";
import { isSameLabels } from "../../labels/labels";
import { hasThreads } from "../../platforms/descriptions";
import { FACTS } from "../../platforms/logins";
import { characters } from "../../platforms/texts";
import type { Draft, QueueChoice, TargetDraft, TikTokChoices, YouTubeChoices } from "./draft";
import { isStory, kindOf } from "./draft";
import { settingsOf } from "./options/fields";
import { optionFields } from "./options/tables";

/** The texts of a container that differ from what the server has. */
export interface TextChange {
  readonly caption?: string;
  readonly firstComment?: string | null;
  readonly media?: readonly MediaPatchParam[];
  readonly link?: LinkRequestParam | null;
  readonly parts?: readonly PartPatchParam[];
  readonly labels?: readonly string[];
}

/** What the button does: the content or the change of its texts, where there is one, then the call. */
export interface Call {
  /** What is created first, whose id stands for `containerId`; null: the content exists. */
  readonly creation: ContentCreateParams | null;
  readonly containerId: string;
  readonly change: TextChange | null;
  readonly targets: readonly TargetParam[];
  /** ISO 8601; null: now, or when the queue says. */
  readonly scheduledFor: string | null;
  readonly queue: QueueChoice | null;
  readonly idempotencyKey: string;
}

/** What the server has of the content. */
export interface SavedTexts {
  readonly caption: string;
  /** The texts of a thread; empty: a single post. */
  readonly parts: readonly string[];
  readonly firstComment: string | null;
  readonly altTexts: ReadonlyMap<string, string | null>;
  readonly labels: readonly string[];
}

/** Returns what has to be changed in the container before the call; null: nothing. Content of others is not changed. */
export function textChange(draft: Draft, saved: SavedTexts): TextChange | null {
  const media = draft.files.flatMap(({ assetId, altText }) =>
    assetId !== null && (saved.altTexts.get(assetId) ?? "") !== altText ? [{ assetId, altText: altText || null }] : [],
  );
  const change: TextChange = {
    ...(draft.isOwn && !isThread(draft) && draft.caption !== saved.caption && { caption: draft.caption }),
    ...(arePartsChanged(draft, saved) && { parts: draft.parts.map((text) => ({ text })) }),
    ...(draft.isOwn &&
      draft.firstComment !== (saved.firstComment ?? "") && { firstComment: draft.firstComment || null }),
    ...(media.length > 0 && { media }),
    ...(draft.isOwn && isLinkChanged(draft) && { link: linkParam(draft.link) }),
    ...(!isSameLabels(draft.labels, saved.labels) && { labels: draft.labels }),
  };
  return Object.keys(change).length === 0 ? null : change;
}

/** Whether a draft is a thread of posts. */
export function isThread({ parts }: Pick<Draft, "parts">): boolean {
  return parts.length > 0;
}

/** Whether the container of a draft has other parts. Content of others is not changed. */
export function arePartsChanged(draft: Draft, saved: SavedTexts): boolean {
  return draft.isOwn && isThread(draft) && JSON.stringify(draft.parts) !== JSON.stringify(saved.parts);
}

/** Whether a target can have threads of posts. */
export function canThread({ platform, mode }: Pick<TargetDraft, "platform" | "mode">): boolean {
  return mode === "publish" && hasThreads(platform);
}

/** Returns what creates the content of a draft without files. */
export function creationOf({ projectId, caption, parts, firstComment, link, labels }: Draft): ContentCreateParams {
  const sent = linkParam(link);
  return {
    projectId: projectId ?? "",
    ...(parts.length > 0
      ? { parts: parts.map((text) => ({ text })) }
      : { text: caption, ...(sent !== null && { link: sent }) }),
    ...(firstComment !== "" && { firstComment }),
    ...(labels.length > 0 && { labels }),
  };
}

/** Returns the part of a call that says when it goes out; nothing: now. */
export function whenOf({ scheduledFor, queue }: Pick<Call, "scheduledFor" | "queue">): When {
  if (queue) return { queue: queue.id, position: queue.position };
  return scheduledFor === null ? {} : { scheduledFor };
}

/** When a call goes out, as the API takes it. */
interface When {
  readonly scheduledFor?: string;
  readonly queue?: string;
  readonly position?: QueueChoice["position"];
}

/** Whether the container has another link than the draft; files have none. */
export function isLinkChanged({ files, parts, link, savedLink }: Draft): boolean {
  if (files.length > 0 || parts.length > 0) return false;
  const saved = savedLink === null ? null : linkParam(savedLink);
  return JSON.stringify(linkParam(link)) !== JSON.stringify(saved);
}

/**
 * Returns the targets of the call. `saved` is null if the container will have the draft's texts; texts that differ from it are
 * sent as overrides.
 */
export function targetsOf(draft: Draft, saved: SavedTexts | null): readonly TargetParam[] {
  const mediaType = kindOf(draft);
  // The content may have longer texts than an override: of these, preflight learns once they are saved.
  const override = (text: string, before: string) =>
    text === before || (draft.isOwn && characters(text) > MAX_CHARACTERS.captionOverride) ? null : text;
  const caption = saved === null || isThread(draft) ? null : override(draft.caption, saved.caption);
  const comment = saved === null ? null : override(draft.firstComment, saved.firstComment ?? "");
  return draft.targets.map((target) => ({
    ...targetParam(isThread(draft) ? { ...target, caption: null } : target, mediaType, caption, comment),
    ...threadOptions(draft, target),
  }));
}

function threadOptions(draft: Draft, target: TargetDraft): Partial<TargetParam> {
  if (isThread(draft)) return target.joinsParts && !canThread(target) ? { joinParts: true } : {};
  const isSplit = target.split !== "no" && canThread(target);
  return isSplit ? { autoSplit: { numbering: target.split === "numbered" } } : {};
}

function targetParam(
  target: TargetDraft,
  mediaType: MediaType | null,
  caption: string | null,
  comment: string | null,
): TargetParam {
  const { socialAccountId, mode } = target;
  const isBare = hasNoTexts(target, mediaType);
  const captionOverride = isBare ? "" : (target.caption ?? caption);
  const firstCommentOverride = isBare ? "" : (target.firstComment ?? comment);
  return {
    socialAccountId,
    mode,
    ...(captionOverride !== null && { captionOverride }),
    ...(firstCommentOverride !== null && { firstCommentOverride }),
    ...optionsOf(target, mediaType),
  };
}

/** Whether a post has neither a caption nor a first comment: a story. */
export function hasNoTexts(target: TargetDraft, mediaType: MediaType | null): boolean {
  return target.mode !== "draft" && isStory(target, mediaType);
}

/** Returns the options of a target that its mode sends. */
function optionsOf(target: TargetDraft, mediaType: MediaType | null): Partial<TargetParam> {
  const { platform, mode, instagram, tiktok } = target;
  if (platform === "tiktok") {
    const music = mode !== "draft" && mediaType !== "video" && tiktok.music !== "default" ? tiktok.music : null;
    return {
      ...(mode === "publish" && { tiktokPostSettings: tiktokSettings(tiktok, mediaType) }),
      ...(music !== null && { tiktokMusic: { mode: music } }),
    };
  }
  if (mode === "draft") return {};
  if (platform === "instagram") {
    const settings = instagramSettings(target, mediaType);
    const hasGridChoice = mode === "publish" && mediaType === "video" && !instagram.isStory;
    return {
      ...(Object.keys(settings).length > 0 && { instagramPostSettings: settings }),
      ...(hasGridChoice && !instagram.isOnGrid && { shareReelToFeed: false }),
    };
  }
  const settings = {
    ...settingsOf(optionFields(platform), target.options, mediaType),
    ...(platform === "youtube" && youtubeExtras(target.youtube)),
  };
  return Object.keys(settings).length === 0 ? {} : { [FACTS[platform].settings]: settings };
}

function instagramSettings(target: TargetDraft, mediaType: MediaType | null): InstagramPostSettingsParam {
  const choices = target.instagram;
  const isVideo = mediaType === "video";
  const userTags = choices.userTags
    .filter((tag) => tag.username.trim() !== "")
    .map(({ username, x, y, item }) => ({
      username: handleOf(username),
      ...(!isVideo && { x: x / 100, y: y / 100 }),
      ...((mediaType === "multi" || mediaType === "mixed") && { item }),
    }));
  const collaborators = choices.collaborators.split(/[\s,]+/).flatMap((name) => handleOf(name) || []);
  const always = {
    ...(choices.isAiGenerated && { isAiGenerated: true }),
    ...(userTags.length > 0 && { userTags }),
  };
  if (isStory(target, mediaType)) return { placement: "story", ...always };
  return {
    ...always,
    ...(collaborators.length > 0 && { collaborators }),
    ...(choices.locationId !== "" && { locationId: choices.locationId }),
    ...(isVideo && choices.coverUrl !== "" && { coverUrl: choices.coverUrl }),
    ...(isVideo && choices.coverTimestampMs !== null && { coverTimestampMs: choices.coverTimestampMs }),
    ...(isVideo && choices.trialReel !== "none" && { trialReel: { graduation: choices.trialReel } }),
    ...(isVideo && choices.audioName !== "" && { audioName: choices.audioName }),
  };
}

/** Returns the settings of what is added to the live video. */
function youtubeExtras({ thumbnailUrl, thumbnailMs, playlistIds, captions }: YouTubeChoices): YouTubePostSettingsParam {
  const url = thumbnailUrl.trim();
  const files = captions
    .map((one) => ({ language: one.language.trim(), name: one.name.trim(), url: one.url.trim() }))
    .filter((one) => one.language !== "" && one.url !== "");
  return {
    ...(thumbnailMs !== null && { thumbnail: { timestampMs: thumbnailMs } }),
    ...(thumbnailMs === null && url !== "" && { thumbnail: { url } }),
    ...(playlistIds.length > 0 && { playlistIds }),
    ...(files.length > 0 && {
      captions: files.map(({ name, ...one }) => ({ ...one, ...(name !== "" && { name }) })),
    }),
  };
}

function handleOf(text: string): string {
  return text.trim().replace(/^@/, "");
}

function tiktokSettings(choices: TikTokChoices, mediaType: MediaType | null): TikTokPostSettingsParam {
  const isVideo = mediaType === "video";
  return {
    ...(choices.privacyLevel !== null && { privacyLevel: choices.privacyLevel }),
    disableComment: !choices.allowsComments,
    ...(isVideo && { disableDuet: !choices.allowsDuet, disableStitch: !choices.allowsStitch }),
    isBrandOrganic: choices.isDisclosed && choices.isBrandOrganic,
    isBrandedContent: choices.isDisclosed && choices.isBrandedContent,
    ...(choices.isAiGenerated && { isAiGenerated: true }),
    ...(isVideo && choices.coverTimestampMs !== null && { coverTimestampMs: choices.coverTimestampMs }),
    ...(!isVideo && choices.coverIndex !== null && { coverIndex: choices.coverIndex }),
    ...(!isVideo && choices.title !== "" && { title: choices.title }),
  };
}
