import type { Content, ScheduledPost, TargetParam } from "presswork-client";
import { FACTS } from "../../platforms/logins";
import { targetsOf } from "./call";
import { type Draft, type InstagramChoices, newTarget, type TargetDraft, type TikTokChoices } from "./draft";
import type { OptionField, OptionValue, OptionValues } from "./options/fields";
import { optionFields } from "./options/tables";
import { draftFrom } from "./useDraft";
import { savedTexts } from "./useSavedContent";

/** Returns a post as a draft with one target, as the forms of the composer show it. */
export function draftOfPost(post: ScheduledPost, content: Content): Draft {
  return { ...draftFrom(content), targets: [targetOf(post)], hasChosen: true };
}

/** Returns the target that a draft of one post has in a call. */
export function paramOf(draft: Draft, content: Content): TargetParam | undefined {
  return targetsOf(draft, savedTexts(content))[0];
}

function targetOf(post: ScheduledPost): TargetDraft {
  const { socialAccountId, platform, mode, captionOverride, firstCommentOverride, autoSplit, joinParts } = post;
  const fresh = newTarget(socialAccountId, platform, mode);
  return {
    ...fresh,
    caption: captionOverride,
    firstComment: firstCommentOverride,
    split: autoSplit === null ? "no" : autoSplit.numbering === true ? "numbered" : "plain",
    joinsParts: joinParts === true,
    instagram: instagramOf(post, fresh.instagram),
    tiktok: tiktokOf(post, fresh.tiktok),
    youtube: youtubeOf(post),
    options: platform === "tiktok" || platform === "instagram" ? {} : optionsOf(post),
  };
}

function instagramOf({ instagramPostSettings, shareReelToFeed }: ScheduledPost, fresh: InstagramChoices) {
  const isOnGrid = shareReelToFeed !== false;
  if (instagramPostSettings === null) return { ...fresh, isOnGrid };
  const settings = instagramPostSettings;
  return {
    ...fresh,
    isOnGrid,
    isStory: settings.placement === "story",
    isAiGenerated: settings.isAiGenerated === true,
    collaborators: (settings.collaborators ?? []).join(", "),
    userTags: (settings.userTags ?? []).map(({ username, x, y, item }) => ({
      username,
      x: Math.round((x ?? 0.5) * 100),
      y: Math.round((y ?? 0.5) * 100),
      item: item ?? 0,
    })),
    locationId: settings.locationId ?? "",
    coverUrl: settings.coverUrl ?? "",
    coverTimestampMs: settings.coverTimestampMs ?? null,
    trialReel: settings.trialReel?.graduation ?? ("none" as const),
    audioName: settings.audioName ?? "",
  };
}

function tiktokOf({ tiktokPostSettings, tiktokMusic }: ScheduledPost, fresh: TikTokChoices): TikTokChoices {
  const mode = tiktokMusic?.mode;
  const music = mode === "none" || mode === "auto" ? mode : "default";
  if (tiktokPostSettings === null) return { ...fresh, music };
  const settings = tiktokPostSettings;
  const isBrandOrganic = settings.isBrandOrganic === true;
  const isBrandedContent = settings.isBrandedContent === true;
  return {
    music,
    privacyLevel: settings.privacyLevel ?? null,
    allowsComments: settings.disableComment === false,
    allowsDuet: settings.disableDuet === false,
    allowsStitch: settings.disableStitch === false,
    isDisclosed: isBrandOrganic || isBrandedContent,
    isBrandOrganic,
    isBrandedContent,
    isAiGenerated: settings.isAiGenerated === true,
    title: settings.title ?? "",
    coverTimestampMs: settings.coverTimestampMs ?? null,
    coverIndex: settings.coverIndex ?? null,
  };
}

function youtubeOf({ youtubePostSettings }: ScheduledPost) {
  const { thumbnail, playlistIds, captions } = youtubePostSettings ?? {};
  return {
    thumbnailUrl: thumbnail?.url ?? "",
    thumbnailMs: thumbnail?.timestampMs ?? null,
    playlistIds: playlistIds ?? [],
    captions: (captions ?? []).map(({ language, name, url }) => ({ language, name: name ?? "", url })),
  };
}

function optionsOf(post: ScheduledPost): OptionValues {
  return valuesOf(optionFields(post.platform), post[FACTS[post.platform].settings] ?? {});
}

/** Returns values as a person would have typed them. */
function valuesOf(fields: readonly OptionField[], stored: object): OptionValues {
  const byName = new Map<string, unknown>(Object.entries(stored));
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = byName.get(field.name);
      return value === null || value === undefined ? [] : [[field.name, typed(field, value)] as const];
    }),
  );
}

function typed(field: OptionField, value: unknown): OptionValue {
  if (field.kind === "group") return valuesOf(field.fields, Object(value));
  if (Array.isArray(value)) return field.kind === "list" ? value.join(", ") : value.map(String);
  return typeof value === "boolean" ? value : String(value);
}
