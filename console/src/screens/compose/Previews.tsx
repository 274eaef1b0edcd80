import type { Content, MediaType, SocialAccount } from "presswork-client";
import { hasComments } from "../../platforms/descriptions";
import { accountName } from "../../platforms/platforms";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Select } from "../../ui/Select";
import type { Draft, TargetDraft } from "./draft";
import { isVideo, kindOf } from "./draft";
import { refusalOf } from "./findings";
import { cropSentence, fitOf, layoutOf } from "./fitting";
import { groupOf, linesOf, settingsOf } from "./options/fields";
import { titleOf as firstLineOf, optionFields } from "./options/tables";
import { Phone, type PreviewedPoll } from "./Phone";
import "./previews.css";
import type { Picture } from "./PreviewMedia";
import { previewedLink } from "./previewedLink";
import type { Files } from "./useFiles";

interface PreviewsProps {
  readonly draft: Draft;
  readonly content: Content | undefined;
  readonly files: Files;
  readonly accounts: readonly SocialAccount[];
  /** The account whose preview is chosen; undefined: the first that has such posts. */
  readonly chosen: string | undefined;
  readonly onChoose: (socialAccountId: string) => void;
}

/** The post in a phone, as the chosen account would show it. */
export function Previews({ draft, content, files, accounts, chosen, onChoose }: PreviewsProps) {
  const fitting = draft.targets.find(({ socialAccountId }) => refusalOf(draft, socialAccountId) === null);
  const target = draft.targets.find(({ socialAccountId }) => socialAccountId === chosen) ?? fitting ?? draft.targets[0];
  const isEmpty = kindOf(draft) === null;
  if (target === undefined || isEmpty) {
    return (
      <p className="preview-empty soft">
        {isEmpty ? "Write a text or add files" : "Choose an account"} to see how the post will look.
      </p>
    );
  }
  const handle = accounts.find(({ socialAccountId }) => socialAccountId === target.socialAccountId)?.handle ?? "…";
  const refusal = refusalOf(draft, target.socialAccountId);
  const layout = layoutOf(target, draft.files);
  const caption = target.caption ?? draft.caption;
  const comment = hasComments(target.platform) ? (target.firstComment ?? draft.firstComment) : "";
  const pictures: readonly Picture[] = draft.files.map((file, position) => {
    const media = content?.media.find(({ id }) => id === file.assetId);
    return {
      id: file.id,
      url: files.local.get(file.id)?.url ?? media?.url ?? null,
      poster: media?.posterUrl ?? null,
      isVideo: isVideo(file),
      name: file.altText || file.name,
      fit: fitOf(target.platform, layout, draft.files, position),
    };
  });
  const shown = { handle, platform: target.platform, pictures, ...coverOf(target) };
  const crops = pictures.flatMap(({ fit }, position) => {
    const sentence = cropSentence(fit, target.platform);
    return sentence === null ? [] : [`${position + 1}: ${sentence}`];
  });
  return (
    <div className="preview">
      {draft.targets.length > 1 && (
        <Select
          label="Preview for"
          choices={draft.targets.map(({ socialAccountId, platform }) => ({
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
        <Phone
          key={target.socialAccountId}
          {...shown}
          layout={layout}
          title={titleOf(target, caption)}
          caption={layout === "story" ? "" : caption}
          comment={comment}
          link={previewedLink(draft, content)}
          poll={pollOf(target, kindOf(draft))}
        />
      ) : (
        <p className="soft">
          {target.mode === "draft"
            ? "The creator finishes this draft on a phone, so it may look different."
            : "A provider publishes this post, so it may look different."}
        </p>
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

/** Returns the frame of a video, and the picture, that show first. */
function coverOf({ platform, instagram, tiktok }: TargetDraft) {
  if (platform === "instagram") return { coverMs: instagram.coverTimestampMs, first: 0 };
  return platform === "tiktok"
    ? { coverMs: tiktok.coverTimestampMs, first: tiktok.coverIndex ?? 0 }
    : { coverMs: null, first: 0 };
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
