import type { Environment, MediaType, SocialAccount } from "presswork-client";
import type { ReactNode } from "react";
import { platformName } from "../../platforms/platforms";
import { Fold } from "../../ui/Fold";
import type { Draft, DraftFile, TargetChange, TargetDraft } from "./draft";
import type { TargetPart } from "./findings";
import { InstagramOptions } from "./InstagramOptions";
import { OptionFields } from "./options/OptionFields";
import { optionFields } from "./options/tables";
import { TikTokPanel } from "./TikTokPanel";
import { YouTubeExtras } from "./YouTubeExtras";

interface TargetOptionsProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly target: TargetDraft;
  /** The accounts that have these options. */
  readonly accounts: readonly SocialAccount[];
  readonly files: readonly DraftFile[];
  readonly mediaType: MediaType | null;
  readonly found: (part: TargetPart) => ReactNode;
  readonly change: (part: TargetChange) => void;
}

/** What the platform offers for a post. */
export default function TargetOptions(props: TargetOptionsProps) {
  const { draft, target, mediaType, found, change } = props;
  const { platform } = target;
  if (platform === "tiktok") return <TikTokPanel {...props} />;
  if (platform === "instagram") return <InstagramOptions {...props} hasGridChoice={target.mode === "publish"} />;
  return (
    <div>
      <Fold title={`${platformName(platform)} options`} isOpen={Object.keys(target.options).length > 0}>
        <OptionFields
          about={{ environment: props.environment, socialAccountId: target.socialAccountId, files: props.files }}
          fields={optionFields(platform)}
          values={target.options}
          mediaType={mediaType}
          caption={target.caption ?? draft.caption}
          onChange={(options) => change({ options })}
        />
        {platform === "youtube" && <YouTubeExtras {...props} />}
      </Fold>
      {found("options")}
    </div>
  );
}
