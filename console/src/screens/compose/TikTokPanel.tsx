import { useQueries } from "@tanstack/react-query";
import {
  APIStatusError,
  type CreatorInfo,
  type Environment,
  type MediaType,
  type SocialAccount,
} from "presswork-client";
import { Fragment, type ReactNode } from "react";
import { messageOf } from "../../api/errors";
import { memberOf } from "../../platforms/descriptions";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { Fold } from "../../ui/Fold";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import { SkeletonRows } from "../../ui/Skeleton";
import { TextField } from "../../ui/TextField";
import { creatorInfoQuery } from "./accounts";
import { CoverFrame } from "./CoverFrame";
import { commonInfo } from "./creators";
import type { DraftFile, TargetChange, TargetDraft, TikTokChoices } from "./draft";
import type { TargetPart } from "./findings";
import { TikTokDisclosure } from "./TikTokDisclosure";

const LEVELS: Readonly<Record<NonNullable<TikTokChoices["privacyLevel"]>, string>> = {
  PUBLIC_TO_EVERYONE: "Everyone",
  FOLLOWER_OF_CREATOR: "Followers",
  MUTUAL_FOLLOW_FRIENDS: "Friends",
  SELF_ONLY: "Only you",
};
const LEVEL_IDS = Object.keys(LEVELS) as NonNullable<TikTokChoices["privacyLevel"]>[];
const NOT_PRIVATE = "Branded content visibility cannot be set to private.";
/** TikTok's codes for a creator who can't make a post at this moment, or at all. */
const CANNOT_POST: Readonly<Record<string, string>> = {
  spam_risk_too_many_posts: "This account can't post at the moment: try again later",
  reached_active_user_cap: "This account can't post at the moment: try again later",
  spam_risk_user_banned_from_posting: "TikTok does not let this account post",
};

interface TikTokPanelProps {
  readonly environment: Environment;
  readonly target: TargetDraft;
  /** The accounts that get these choices. */
  readonly accounts: readonly SocialAccount[];
  readonly files: readonly DraftFile[];
  readonly mediaType: MediaType | null;
  readonly found: (part: TargetPart) => ReactNode;
  readonly change: (part: TargetChange) => void;
}

/** What TikTok demands of every form that posts to it: choices that a person makes, from what the accounts offer now. */
export function TikTokPanel(props: TikTokPanelProps) {
  const { environment, accounts } = props;
  const creators = useQueries({
    queries: accounts.map(({ socialAccountId }) => creatorInfoQuery(environment, socialAccountId)),
  });
  if (creators.some(({ isPending }) => isPending)) return <SkeletonRows rows={3} />;
  const refused = creators.findIndex(({ isError }) => isError);
  const refusal = creators[refused];
  if (refusal !== undefined) {
    return (
      <Notice
        tone="bad"
        title={cannotPost(refusal.error) ?? "TikTok does not say what this account may post now"}
        actions={<Button onPress={() => void refusal.refetch()}>Ask again</Button>}
      >
        {accounts.length > 1 && `@${accounts[refused]?.handle}: `}
        {messageOf(refusal.error)}
      </Notice>
    );
  }
  return <Panel {...props} creators={creators.flatMap(({ data }) => data ?? [])} />;
}

function Panel({
  target,
  files,
  mediaType,
  found,
  change,
  creators,
}: TikTokPanelProps & { readonly creators: readonly CreatorInfo[] }) {
  const common = commonInfo(creators);
  const { tiktok } = target;
  const set = (part: Partial<TikTokChoices>) => change({ tiktok: { ...tiktok, ...part } });
  const isVideo = mediaType === "video";
  const isBranded = tiktok.isDisclosed && tiktok.isBrandedContent;
  const longest = common.maxVideoDurationSeconds;
  const seconds = files[0]?.durationSeconds ?? null;
  const levels = LEVEL_IDS.filter((level) => common.privacyLevels?.includes(level));
  return (
    <div className="tiktok-panel">
      <p>
        Posting to{" "}
        {creators.map(({ nickname, username }, place) => (
          <Fragment key={username ?? nickname}>
            {place > 0 && ", "}
            <strong>{nickname ?? username}</strong>
            {username !== null && <span className="soft"> @{username}</span>}
          </Fragment>
        ))}{" "}
        on TikTok
      </p>
      {levels.length === 0 && (
        <Notice tone="warn">These accounts have no audience in common. Choose something else for one of them.</Notice>
      )}
      {levels.includes("FOLLOWER_OF_CREATOR") && !levels.includes("PUBLIC_TO_EVERYONE") && (
        <Notice>This TikTok account is private, so only its followers and friends can see its posts.</Notice>
      )}
      {isVideo && longest !== null && seconds !== null && seconds > longest && (
        <Notice tone="bad">
          The video has {Math.round(seconds)} s; this account may post up to {longest} s. Use a shorter one.
        </Notice>
      )}
      <div>
        <Select
          label="Who can see the post"
          placeholder="Choose"
          choices={levels.map((id) => ({
            id,
            label: LEVELS[id],
            ...(isBranded && id === "SELF_ONLY" && { isDisabled: true, description: NOT_PRIVATE }),
          }))}
          value={tiktok.privacyLevel}
          onChange={(privacyLevel) => {
            if (!(isBranded && privacyLevel === "SELF_ONLY")) set({ privacyLevel });
          }}
          {...(isBranded && { description: NOT_PRIVATE })}
        />
        {found("privacy")}
      </div>
      <fieldset className="allow">
        <legend>Allow viewers to</legend>
        <Allow
          label="Comment"
          isOff={common.isCommentDisabled}
          isOn={tiktok.allowsComments}
          set={(allowsComments) => set({ allowsComments })}
        />
        {isVideo && (
          <>
            <Allow
              label="Duet"
              isOff={common.isDuetDisabled}
              isOn={tiktok.allowsDuet}
              set={(allowsDuet) => set({ allowsDuet })}
            />
            <Allow
              label="Stitch"
              isOff={common.isStitchDisabled}
              isOn={tiktok.allowsStitch}
              set={(allowsStitch) => set({ allowsStitch })}
            />
          </>
        )}
      </fieldset>
      <div>
        <TikTokDisclosure tiktok={tiktok} isVideo={isVideo} set={set} />
        {found("disclosure")}
      </div>
      <div>
        <Fold title="More TikTok options">
          {isVideo ? (
            <CoverFrame
              file={files[0]}
              value={tiktok.coverTimestampMs}
              onChange={(coverTimestampMs) => set({ coverTimestampMs })}
            />
          ) : (
            <>
              <TextField
                label="Title"
                value={tiktok.title}
                onChange={(title) => set({ title })}
                description={`${tiktok.title.length} of ${memberOf("tiktok", "title").maxLength}; shown beside the caption.`}
              />
              {files.length > 1 && (
                <Select
                  label="Cover"
                  choices={files.map((file, at) => ({ id: String(at), label: `Picture ${at + 1}: ${file.name}` }))}
                  value={String(tiktok.coverIndex ?? 0)}
                  onChange={(at) => set({ coverIndex: Number(at) })}
                />
              )}
              <Select
                label="Music"
                choices={[
                  { id: "default", label: "As TikTok does by default" },
                  { id: "auto", label: "TikTok picks a track" },
                  { id: "none", label: "None" },
                ]}
                value={tiktok.music}
                onChange={(music) => set({ music })}
              />
            </>
          )}
          <Checkbox isSelected={tiktok.isAiGenerated} onChange={(isAiGenerated) => set({ isAiGenerated })}>
            Label it as AI-generated
          </Checkbox>
        </Fold>
        {found("music")}
        {found("options")}
      </div>
      <p className="small soft">
        By posting, you agree to TikTok's{" "}
        {isBranded && (
          <>
            <a href="https://www.tiktok.com/legal/page/global/bc-policy/en" target="_blank" rel="noreferrer">
              Branded Content Policy
            </a>{" "}
            and{" "}
          </>
        )}
        <a href="https://www.tiktok.com/legal/page/global/music-usage-confirmation/en" target="_blank" rel="noreferrer">
          Music Usage Confirmation
        </a>
        . It may take a few minutes until the post is visible on the profile.
      </p>
    </div>
  );
}

/** Returns the title where TikTok said that the creator can't post now; otherwise it did not answer. */
function cannotPost(error: unknown): string | undefined {
  return error instanceof APIStatusError ? CANNOT_POST[String(error.details["platformCode"])] : undefined;
}

interface AllowProps {
  readonly label: string;
  /** Whether the account itself does not allow it. */
  readonly isOff: boolean | null;
  readonly isOn: boolean;
  readonly set: (isOn: boolean) => void;
}

function Allow({ label, isOff, isOn, set }: AllowProps) {
  return (
    <Checkbox isDisabled={isOff === true} isSelected={isOn && isOff !== true} onChange={set}>
      {label} {isOff === true && <span className="soft small">off in the account's settings</span>}
    </Checkbox>
  );
}
