import type { Content, MediaType, PreflightPart, SocialAccount } from "presswork-client";
import { lazy, Suspense } from "react";
import { hasComments } from "../../platforms/descriptions";
import { accountName } from "../../platforms/platforms";
import { cropSentence, fitOf, layoutOf } from "../../preview/fitting";
import type { PreviewedPoll } from "../../preview/Phone";
import type { Picture } from "../../preview/PreviewMedia";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Select } from "../../ui/Select";
import { canThread, isThread } from "./call";
import { type Draft, isDocument, isStory, isVideo, joined, kindOf, mediaTypeOf, type TargetDraft } from "./draft";
import { refusalOf } from "./findings";
import type { TabId } from "./networks";
import { groupOf, linesOf, settingsOf } from "./options/fields";
import { titleOf as firstLineOf, optionFields } from "./options/tables";
import { previewedLink } from "./previewedLink";
import type { Files } from "./useFiles";
import type { Preflight } from "./usePreflight";

const Phone = lazy(() => import("../../preview/Phone"));

interface PreviewsProps {
  readonly draft: Draft;
  readonly content: Content | undefined;
  readonly files: Files;
  readonly accounts: readonly SocialAccount[];
  /** The parts in which accounts get the post, as preflight returned them. */
  readonly parts: ReadonlyMap<string, readonly PreflightPart[]>;
  /** The texts that accounts get, filled in, as preflight returned them. */
  readonly texts: Preflight["texts"];
  /** The tab in front. */
  readonly network: TabId;
  /** The account whose preview is chosen; undefined: the first that has such posts. */
  readonly chosen: string | undefined;
  readonly onChoose: (socialAccountId: string) => void;
}

/** The post in a phone, as the chosen account would show it. */
export default function Previews({
  draft,
  content,
  files,
  accounts,
  parts,
  texts,
  network,
  chosen,
  onChoose,
}: PreviewsProps) {
  const targets = draft.targets.filter(({ platform }) => network === "everyone" || platform === network);
  const fitting = targets.find(({ socialAccountId }) => refusalOf(draft, socialAccountId) === null);
  const target = targets.find(({ socialAccountId }) => socialAccountId === chosen) ?? fitting ?? targets[0];
  if (target === undefined) return null;
  const handle = accounts.find(({ socialAccountId }) => socialAccountId === target.socialAccountId)?.handle ?? "…";
  const refusal = refusalOf(draft, target.socialAccountId);
  const layout = layoutOf(target.platform, draft.files, isStory(target, mediaTypeOf(draft.files)));
  const filled = texts.get(target.socialAccountId);
  const written = target.caption ?? draft.caption;
  const caption = isThread(draft) ? joined(draft.parts) : (filled?.caption ?? written);
  const comment = hasComments(target.platform)
    ? (filled?.firstComment ?? target.firstComment ?? draft.firstComment)
    : "";
  const pictures: readonly Picture[] = draft.files.map((file, position) => {
    const media = content?.media.find(({ id }) => id === file.assetId);
    return {
      id: file.id,
      url: isDocument(file) ? (media?.thumbnailUrl ?? null) : (files.local.get(file.id)?.url ?? media?.url ?? null),
      poster: media?.posterUrl ?? null,
      isVideo: isVideo(file),
      name: file.altText || file.name,
      fit: fitOf(target.platform, layout, draft.files, position),
    };
  });
  const shown = { handle, platform: target.platform, ...coverOf(target) };
  const shownParts = partsOf(draft, target, content, parts, pictures);
  const crops = pictures.flatMap(({ fit }, position) => {
    const sentence = cropSentence(fit, target.platform);
    return sentence === null ? [] : [`${position + 1}: ${sentence}`];
  });
  return (
    <div className="preview">
      {targets.length > 1 && (
        <Select
          label="Preview for"
          isLabelHidden
          choices={targets.map(({ socialAccountId, platform }) => ({
            id: socialAccountId,
            label: accountName(
              platform,
              accounts.find((one) => one.socialAccountId === socialAccountId)?.handle ?? "…",
            ),
            icon: <PlatformIcon platform={platform} />,
          }))}
          value={target.socialAccountId}
          onChange={onChoose}
        />
      )}
      {refusal !== null ? (
        <p className="soft">{refusal}</p>
      ) : target.mode === "publish" ? (
        <div className="phones">
          <Suspense>
            {(shownParts ?? [{ text: layout === "story" ? "" : caption, pictures }]).map((part, place, all) => (
              <Phone
                // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
                key={`${target.socialAccountId} ${place}`}
                {...shown}
                pictures={part.pictures}
                layout={layout}
                title={titleOf(target, caption)}
                caption={part.text}
                comment={place === 0 ? comment : ""}
                link={place === 0 ? previewedLink(draft, content) : null}
                poll={place === 0 ? pollOf(target, kindOf(draft)) : null}
                place={all.length > 1 ? `Part ${place + 1} of ${all.length}` : null}
              />
            ))}
          </Suspense>
        </div>
      ) : (
        <p className="soft">
          {target.mode === "draft"
            ? "The creator finishes this draft on a phone, so it may look different."
            : "A provider publishes this post, so it may look different."}
        </p>
      )}
      {target.split !== "no" && canThread(target) && !isThread(draft) && shownParts === null && (
        <p className="soft small">Check it to see how the text is split, if it is too long for one post.</p>
      )}
      {crops.length > 0 && (
        <ul className="preview-notes small">
          {crops.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface ShownPart {
  readonly text: string;
  readonly pictures: readonly Picture[];
}

/** Returns the parts of a thread as an account gets them; null: a single post, or not known before it is checked. */
function partsOf(
  draft: Draft,
  target: TargetDraft,
  content: Content | undefined,
  checked: PreviewsProps["parts"],
  pictures: readonly Picture[],
): readonly ShownPart[] | null {
  if (!canThread(target)) return null;
  const idOf = (picture: Picture) => draft.files.find(({ id }) => id === picture.id)?.assetId ?? null;
  const picturesOf = (ids: readonly string[]) => pictures.filter((one) => ids.includes(idOf(one) ?? ""));
  if (isThread(draft)) {
    return draft.parts.map((text, place) => {
      const media = draft.isOwn ? [] : (content?.parts?.[place]?.media ?? []);
      return { text, pictures: picturesOf(media.map(({ id }) => id)) };
    });
  }
  const found = target.split === "no" ? undefined : checked.get(target.socialAccountId);
  return found?.map(({ text, media }) => ({ text, pictures: picturesOf(media) })) ?? null;
}

/** Returns the frame of a video, and the picture, that show first. */
function coverOf({ platform, instagram, tiktok, youtube, options }: TargetDraft) {
  if (platform === "youtube") return { coverMs: youtube.thumbnailMs, first: 0 };
  if (platform === "instagram") return { coverMs: instagram.coverTimestampMs, first: 0 };
  return platform === "tiktok"
    ? { coverMs: tiktok.coverTimestampMs, first: tiktok.coverIndex ?? 0 }
    : { coverMs: Number(options["coverTimestampMs"] ?? Number.NaN) || null, first: 0 };
}

/** Returns the poll of a post as far as it is written; null without one. */
function pollOf({ platform, options }: TargetDraft, mediaType: MediaType | null): PreviewedPoll | null {
  const poll = settingsOf(optionFields(platform), options, mediaType)["poll"];
  if (poll === undefined) return null;
  const { question = "", options: answers } = groupOf(poll);
  return { question: String(question), options: [...new Set(linesOf(answers))] };
}

/** Returns the title of a post; null on platforms without titles. */
function titleOf({ platform, options }: TargetDraft, caption: string): string | null {
  if (platform !== "youtube") return null;
  const title = options["title"];
  return typeof title === "string" && title.trim() !== "" ? title.trim() : firstLineOf(caption);
}
