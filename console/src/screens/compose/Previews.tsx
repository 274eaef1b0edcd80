import type { Content, SocialAccount } from "presswork-client";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Select } from "../../ui/Select";
import type { Draft } from "./draft";
import { isVideo } from "./draft";
import { cropSentence, fitOf, layoutOf } from "./fitting";
import { PhoneFeed, PhoneScreen } from "./Phone";
import "./previews.css";
import type { Picture } from "./PreviewMedia";
import type { Files } from "./useFiles";

interface PreviewsProps {
  readonly draft: Draft;
  readonly content: Content | undefined;
  readonly files: Files;
  readonly accounts: readonly SocialAccount[];
  /** The account whose preview is chosen; undefined: the first. */
  readonly chosen: string | undefined;
  readonly onChoose: (socialAccountId: string) => void;
}

/** The post in a phone, as the chosen account would show it. */
export function Previews({ draft, content, files, accounts, chosen, onChoose }: PreviewsProps) {
  const target = draft.targets.find(({ socialAccountId }) => socialAccountId === chosen) ?? draft.targets[0];
  if (target === undefined || draft.files.length === 0) {
    return (
      <p className="preview-empty soft">
        {draft.files.length === 0 ? "Add files" : "Choose an account"} to see how the post will look.
      </p>
    );
  }
  const handle = accounts.find(({ socialAccountId }) => socialAccountId === target.socialAccountId)?.handle ?? "…";
  const layout = layoutOf(target, draft.files);
  const caption = target.caption ?? draft.caption;
  const comment = target.platform === "instagram" ? (target.firstComment ?? draft.firstComment) : "";
  const pictures: readonly Picture[] = draft.files.map((file, position) => {
    const media = content?.media.find(({ id }) => id === file.assetId);
    return {
      id: file.id,
      url: files.local.get(file.id)?.url ?? media?.url ?? null,
      poster: media?.posterUrl ?? null,
      isVideo: isVideo(file),
      name: file.altText || file.name,
      fit: fitOf(layout, draft.files, position),
    };
  });
  const coverMs = target.platform === "instagram" ? target.instagram.coverTimestampMs : target.tiktok.coverTimestampMs;
  const shown = { handle, platform: target.platform, pictures, coverMs, first: target.tiktok.coverIndex ?? 0 };
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
            label: `@${accounts.find((one) => one.socialAccountId === socialAccountId)?.handle ?? "…"}`,
            icon: <PlatformIcon platform={platform} />,
          }))}
          value={target.socialAccountId}
          onChange={onChoose}
        />
      )}
      {target.mode === "publish" ? (
        layout === "feed" ? (
          <PhoneFeed key={target.socialAccountId} {...shown} caption={caption} comment={comment} />
        ) : (
          <PhoneScreen key={target.socialAccountId} {...shown} caption={layout === "story" ? "" : caption} />
        )
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
