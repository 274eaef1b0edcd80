import { Link } from "@tanstack/react-router";
import type { Environment, MediaType, Mode, SocialAccount } from "presswork-client";
import { lazy, type ReactNode, Suspense } from "react";
import { hasComments } from "../../platforms/descriptions";
import { Checkbox } from "../../ui/Checkbox";
import { Fold } from "../../ui/Fold";
import { Select } from "../../ui/Select";
import { SkeletonRows } from "../../ui/Skeleton";
import { TextField } from "../../ui/TextField";
import { MODES, whyNotReady } from "./accounts";
import { CommentCounters } from "./Counters";
import { canThread, hasNoTexts, isThread } from "./call";
import { captionCounters, isOver } from "./counting";
import type { Draft, DraftFile, TargetChange, TargetDraft } from "./draft";
import { refusalOf, type TargetPart } from "./findings";
import { hasOptionsIn } from "./networks";
import "./network.css";

const TargetOptions = lazy(() => import("./TargetOptions"));

export interface NetworkSettingsProps {
  readonly environment: Environment;
  readonly draft: Draft;
  /** The account, or that whose values the tab of its network shows. */
  readonly target: TargetDraft;
  /** What they are the settings of: "Instagram", or an account. */
  readonly name: string;
  /** The accounts that have these settings. */
  readonly accounts: readonly SocialAccount[];
  readonly files: readonly DraftFile[];
  readonly mediaType: MediaType | null;
  /** Whether it can have another first comment than everyone. */
  readonly hasOwnTexts: boolean;
  /** Whether the mode is chosen already: of a post that exists. */
  readonly isModeFixed?: boolean;
  readonly found: (part: TargetPart) => ReactNode;
  readonly change: (part: TargetChange) => void;
}

/** How the post goes out on one network: the mode, its own first comment, and what the platform offers. */
export function NetworkSettings(props: NetworkSettingsProps) {
  const { draft, target, name, accounts, mediaType, found, change } = props;
  const { platform, mode, socialAccountId } = target;
  const isRefused = refusalOf(draft, socialAccountId) !== null;
  const notReady = accounts.flatMap((account) => {
    const why = whyNotReady(account, mode);
    return why === null ? [] : [{ account, why }];
  });
  return (
    <>
      <div className="mode-field">
        {props.isModeFixed !== true && (
          <Select<Mode>
            label={`How it goes out on ${name}`}
            choices={modesOf(accounts, mode)}
            value={mode}
            onChange={(next) => change({ mode: next })}
          />
        )}
        {found("account")}
      </div>
      {notReady.map(({ account, why }) => (
        <p key={account.socialAccountId} className="small not-ready">
          {accounts.length > 1 && `${account.handle}: `}
          {why}{" "}
          <Link to="/$environment/accounts" params={{ environment: props.environment }}>
            Open Accounts
          </Link>
        </p>
      ))}
      <ThreadChoice {...{ draft, target, mediaType, change }} />
      {props.hasOwnTexts && hasComments(platform) && !hasNoTexts(target, mediaType) && <OwnComment {...props} />}
      {hasOptionsIn(platform, mode) && !isRefused && (
        <Suspense fallback={<SkeletonRows rows={1} />}>
          <TargetOptions {...props} />
        </Suspense>
      )}
    </>
  );
}

/** Returns the modes that a person can choose. A provider is offered where there is one. */
function modesOf(accounts: readonly SocialAccount[], chosen: Mode) {
  const isOffered = ({ id }: { readonly id: Mode }) =>
    id !== "managed" || id === chosen || accounts.some(({ readiness }) => readiness.managed.ready);
  return MODES.filter(isOffered).map(({ id, label }) => {
    const reasons = accounts.flatMap((account) => whyNotReady(account, id) ?? []);
    return { id, label, ...(reasons[0] !== undefined && { description: `Not ready: ${reasons[0]}` }) };
  });
}

function OwnComment({ draft, target, name, found, change }: NetworkSettingsProps) {
  const { platform, firstComment } = target;
  const isOwn = firstComment !== null;
  const text = firstComment ?? draft.firstComment;
  return (
    <div>
      <Fold title="First comment" aside={isOwn ? "its own" : "the same as everyone"} isOpen={isOwn}>
        <TextField
          label={`First comment on ${name}`}
          rows={2}
          value={text}
          onChange={(own) => change({ firstComment: own })}
          description={<CommentCounters text={text} platforms={[platform]} />}
        />
      </Fold>
      {found("firstComment")}
    </div>
  );
}

/** What becomes of parts where there are no threads, and of a text that is too long for one post where there are. */
function ThreadChoice({
  draft,
  target,
  mediaType,
  change,
}: Pick<NetworkSettingsProps, "draft" | "target" | "mediaType" | "change">) {
  const { platform, mode, split, joinsParts } = target;
  if (isThread(draft)) {
    if (canThread(target)) return null;
    return (
      <Checkbox isSelected={joinsParts} onChange={(isJoined) => change({ joinsParts: isJoined })}>
        Join the parts into one post
      </Checkbox>
    );
  }
  const isLong = captionCounters(target.caption ?? draft.caption, platform, mode, mediaType).some(isOver);
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
