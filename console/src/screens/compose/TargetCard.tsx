import { Link } from "@tanstack/react-router";
import { CopyCheck } from "lucide-react";
import type { Environment, MediaType, Mode, SocialAccount } from "presswork-client";
import type { Dispatch } from "react";
import { MAX_CHARACTERS } from "../../api/maxima";
import { hasComments } from "../../platforms/descriptions";
import { accountName, platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";
import { MODES, whyNotReady } from "./accounts";
import { CaptionCounters, CommentCounters } from "./Counters";
import { canThread, hasNoTexts, isThread } from "./call";
import { captionCounters, isOver } from "./counting";
import type { Action, Draft, DraftFile, TargetDraft } from "./draft";
import { Findings } from "./Findings";
import { type Finding, refusalOf, type TargetPart } from "./findings";
import { hasOptionsIn, TargetOptions } from "./TargetOptions";
import "./target-card.css";

interface TargetCardProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly target: TargetDraft;
  readonly account: SocialAccount | undefined;
  readonly files: readonly DraftFile[];
  readonly mediaType: MediaType | null;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** How the content goes to one account: the mode, its own texts, and the platform's options. */
export function TargetCard(props: TargetCardProps) {
  const { draft, target, account, mediaType, findings, nameOf, dispatch } = props;
  const { socialAccountId, platform, mode } = target;
  const name = accountName(platform, account?.handle ?? "unknown");
  const change = (part: Partial<TargetDraft>) => dispatch({ type: "target", socialAccountId, change: part });
  const found = (part: TargetPart) => (
    <Findings findings={findings} field={{ socialAccountId, part }} nameOf={nameOf} />
  );
  const notReady = account === undefined ? null : whyNotReady(account, mode);
  const others = draft.targets.filter((one) => one.platform === platform && one !== target).length;
  const isRefused = refusalOf(draft, socialAccountId) !== null;
  const hasOptions = hasOptionsIn(platform, mode) && !isRefused;
  return (
    <section className="target-card" aria-label={`Settings for ${name} on ${platformName(platform)}`}>
      <header>
        <h3 className="account-name">
          <PlatformIcon platform={platform} /> <span className="cut">{name}</span>
        </h3>
        <Select<Mode>
          label={`How it goes to ${name} on ${platformName(platform)}`}
          isLabelHidden
          choices={MODES.map(({ id, label }) => {
            const why = account === undefined ? null : whyNotReady(account, id);
            return { id, label, ...(why !== null && { description: `Not ready: ${why}` }) };
          })}
          value={mode}
          onChange={(next) => change({ mode: next })}
        />
      </header>
      {notReady !== null && (
        <p className="small target-not-ready">
          {notReady}{" "}
          <Link to="/$environment/accounts" params={{ environment: props.environment }}>
            Open Accounts
          </Link>
        </p>
      )}
      {found("account")}
      <ThreadChoice {...{ draft, target, mediaType, change }} />
      {hasOptions && <TargetOptions {...props} found={found} change={change} />}
      {others > 0 && hasOptions && (
        <Button
          kind="quiet"
          onPress={() => {
            dispatch({ type: "choices for all", of: target });
            toast(
              `The other ${others} ${platformName(platform)} ${others === 1 ? "account has" : "accounts have"} these options now.`,
            );
          }}
        >
          <CopyCheck aria-hidden /> Same options for the other {others} on {platformName(platform)}
        </Button>
      )}
      {hasNoTexts(target, mediaType) ? (
        <p className="soft small">A story has no caption and no first comment.</p>
      ) : (
        <details className="fold" open={target.caption !== null || target.firstComment !== null}>
          <summary>
            Own texts{" "}
            {target.caption !== null || target.firstComment !== null ? null : <span className="soft">as above</span>}
          </summary>
          <div className="fold-body">
            {!isThread(draft) && (
              <Checkbox
                isSelected={target.caption !== null}
                onChange={(isOwn) => change({ caption: isOwn ? draft.caption : null })}
              >
                Another text for {name}
              </Checkbox>
            )}
            {target.caption !== null && !isThread(draft) && (
              <TextField
                label={`Text for ${name}`}
                rows={4}
                value={target.caption}
                onChange={(caption) => change({ caption })}
                description={
                  <CaptionCounters
                    text={target.caption}
                    targets={[target]}
                    mediaType={mediaType}
                    ofAPI={MAX_CHARACTERS.captionOverride}
                  />
                }
              />
            )}
            {hasComments(platform) && (
              <Checkbox
                isSelected={target.firstComment !== null}
                onChange={(isOwn) => change({ firstComment: isOwn ? draft.firstComment : null })}
              >
                Another first comment for {name}
              </Checkbox>
            )}
            {target.firstComment !== null && (
              <TextField
                label={`First comment for ${name}`}
                rows={2}
                value={target.firstComment}
                onChange={(firstComment) => change({ firstComment })}
                description={<CommentCounters text={target.firstComment} platforms={[platform]} />}
              />
            )}
          </div>
        </details>
      )}
      {found("caption")}
      {found("firstComment")}
    </section>
  );
}

interface ThreadChoiceProps extends Pick<TargetCardProps, "draft" | "target" | "mediaType"> {
  readonly change: (part: Partial<TargetDraft>) => void;
}

/** What becomes of parts where there are no threads, and of a text that is too long where there are. */
function ThreadChoice({ draft, target, mediaType, change }: ThreadChoiceProps) {
  const { platform, mode, split, joinsParts } = target;
  if (isThread(draft)) {
    if (canThread(target)) return null;
    return (
      <Checkbox isSelected={joinsParts} onChange={(isJoined) => change({ joinsParts: isJoined })}>
        Join the parts into one post
      </Checkbox>
    );
  }
  const caption = target.caption ?? draft.caption;
  const isLong = captionCounters(caption, platform, mode, mediaType).some(isOver);
  if (!canThread(target) || (!isLong && split === "no")) return null;
  return (
    <>
      <Checkbox isSelected={split !== "no"} onChange={(isSplit) => change({ split: isSplit ? "numbered" : "no" })}>
        Split the long text into a thread
      </Checkbox>
      {split !== "no" && (
        <Checkbox
          isSelected={split === "numbered"}
          onChange={(isNumbered) => change({ split: isNumbered ? "numbered" : "plain" })}
        >
          Number the parts
        </Checkbox>
      )}
    </>
  );
}
