import type { MediaType } from "presswork-client";
import type { ReactNode } from "react";
import { memberOf } from "../../platforms/descriptions";
import { Checkbox } from "../../ui/Checkbox";
import { Fold } from "../../ui/Fold";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { CoverFrame } from "./CoverFrame";
import type { DraftFile, InstagramChoices, TargetChange, TargetDraft } from "./draft";
import { isStory } from "./draft";
import type { TargetPart } from "./findings";
import { UserTags } from "./UserTags";

interface InstagramOptionsProps {
  readonly target: TargetDraft;
  readonly files: readonly DraftFile[];
  readonly mediaType: MediaType | null;
  readonly hasGridChoice: boolean;
  readonly found: (part: TargetPart) => ReactNode;
  readonly change: (part: TargetChange) => void;
}

/** What Instagram offers for a post; options that these files can't carry are not shown. */
export function InstagramOptions({ target, files, mediaType, hasGridChoice, found, change }: InstagramOptionsProps) {
  const { instagram } = target;
  const set = (part: Partial<InstagramChoices>) => change({ instagram: { ...instagram, ...part } });
  const isVideo = mediaType === "video";
  const isShortLived = isStory(target, mediaType);
  return (
    <div>
      <Fold title="Instagram options">
        {mediaType !== "multi" && mediaType !== "mixed" && (
          <Select
            label="Appears as"
            choices={[
              { id: "feed", label: isVideo ? "A Reel" : "A post in the feed" },
              { id: "story", label: "A story, for 24 hours" },
            ]}
            value={instagram.isStory ? "story" : "feed"}
            onChange={(placement) => set({ isStory: placement === "story" })}
          />
        )}
        {isVideo && hasGridChoice && !isShortLived && (
          <Checkbox isSelected={instagram.isOnGrid} onChange={(isOnGrid) => set({ isOnGrid })}>
            Share the Reel to the feed and the profile's grid
          </Checkbox>
        )}
        {isVideo && !isShortLived && (
          <>
            <CoverFrame
              file={files[0]}
              value={instagram.coverTimestampMs}
              onChange={(coverTimestampMs) => set({ coverTimestampMs })}
            />
            {instagram.coverTimestampMs === null && (
              <TextField
                label="Or the address of a cover"
                type="url"
                value={instagram.coverUrl}
                onChange={(coverUrl) => set({ coverUrl })}
                placeholder="https://example.com/cover.jpg"
                description="A public JPEG."
              />
            )}
            <Select
              label="Trial Reel"
              choices={[
                { id: "none", label: "No: shown to followers at once" },
                { id: "manual", label: "Yes: I decide when followers see it" },
                { id: "performance", label: "Yes: Instagram decides by its performance" },
              ]}
              value={instagram.trialReel}
              onChange={(trialReel) => set({ trialReel })}
            />
            <TextField
              label="Name of the audio"
              value={instagram.audioName}
              {...maxLengthOf("audioName")}
              onChange={(audioName) => set({ audioName })}
            />
          </>
        )}
        {!isShortLived && (
          <>
            <TextField
              label="Collaborators"
              value={instagram.collaborators}
              onChange={(collaborators) => set({ collaborators })}
              placeholder="@mira.paints"
              description={`Up to ${memberOf("instagram", "collaborators").maxItems} accounts that are invited as co-authors.`}
            />
            <TextField
              label="Location"
              value={instagram.locationId}
              onChange={(locationId) => set({ locationId })}
              description="The id of a Facebook Page that has a location."
            />
          </>
        )}
        <UserTags
          tags={instagram.userTags}
          isVideo={isVideo}
          count={files.length}
          onChange={(userTags) => set({ userTags })}
        />
        <Checkbox isSelected={instagram.isAiGenerated} onChange={(isAiGenerated) => set({ isAiGenerated })}>
          Label it as AI-generated
        </Checkbox>
      </Fold>
      {found("options")}
    </div>
  );
}

function maxLengthOf(name: string) {
  const { maxLength } = memberOf("instagram", name);
  return maxLength === undefined ? {} : { maxLength };
}
