import { Link } from "@tanstack/react-router";
import { ListChecks, TriangleAlert } from "lucide-react";
import type { Environment, SocialAccount } from "presswork-client";
import { type Dispatch, useState } from "react";
import { SearchField as AriaSearchField, Input, Label, ToggleButton } from "react-aria-components";
import { MAX_TARGETS } from "../../api/maxima";
import { accountName, platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { SkeletonRows } from "../../ui/Skeleton";
import "../../ui/field.css";
import { firstMode, grouped, whyNotReady } from "./accounts";
import "./accounts-field.css";
import { type Action, type Draft, newTarget } from "./draft";
import { NoAccounts } from "./NoAccounts";

/** From this number on, there is a search. */
const MANY = 8;

interface AccountsFieldProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly accounts: readonly SocialAccount[] | undefined;
  readonly mayConnect: boolean;
  readonly dispatch: Dispatch<Action>;
}

/** The accounts of the project as chips, by platform. One that is not ready says why. */
export function AccountsField({ environment, draft, accounts, mayConnect, dispatch }: AccountsFieldProps) {
  const [text, setText] = useState("");
  if (accounts === undefined) return <SkeletonRows rows={2} />;
  if (accounts.length === 0) {
    return <NoAccounts environment={environment} projectId={draft.projectId} mayConnect={mayConnect} />;
  }
  const chosen = new Set(draft.targets.map(({ socialAccountId }) => socialAccountId));
  const isFull = chosen.size >= MAX_TARGETS;
  const notReady = accounts.filter((account) => firstMode(account) === null);
  const toggle = (account: SocialAccount, isChosen: boolean) => {
    const { socialAccountId, platform } = account;
    if (isChosen)
      dispatch({ type: "add target", target: newTarget(socialAccountId, platform, firstMode(account) ?? "publish") });
    else dispatch({ type: "remove target", socialAccountId });
  };
  return (
    <div className="accounts-field">
      {accounts.length >= MANY && (
        <AriaSearchField value={text} onChange={setText}>
          <Label className="visually-hidden">Find an account</Label>
          <Input className="input" placeholder="Find an account" />
        </AriaSearchField>
      )}
      {grouped(accounts, text).map(([platform, group]) => (
        <fieldset key={platform} className="chips">
          <legend className="small soft">{platformName(platform)}</legend>
          {group.length >= MANY && <ChooseAll group={group} chosen={chosen} isFull={isFull} onToggle={toggle} />}
          {group.map((account) => {
            const isReady = firstMode(account) !== null;
            const isChosen = chosen.has(account.socialAccountId);
            return (
              <ToggleButton
                key={account.socialAccountId}
                className={isReady ? "chip" : "chip not-ready"}
                isSelected={isChosen}
                isDisabled={!isChosen && (!isReady || isFull)}
                onChange={(isSelected) => toggle(account, isSelected)}
              >
                <PlatformIcon platform={platform} />
                <span className="cut">{accountName(platform, account.handle)}</span>
                {!isReady && <TriangleAlert aria-hidden />}
              </ToggleButton>
            );
          })}
        </fieldset>
      ))}
      {isFull && <p className="soft small">A call has up to {MAX_TARGETS} accounts.</p>}
      {notReady.length > 0 && (
        <ul className="not-ready-list small">
          {notReady.map((account) => (
            <li key={account.socialAccountId}>
              <strong>{accountName(account.platform, account.handle)}</strong> can't be chosen.{" "}
              {whyNotReady(account, "publish")}{" "}
              <Link to="/$environment/accounts" params={{ environment }}>
                Open Accounts
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface ChooseAllProps {
  readonly group: readonly SocialAccount[];
  readonly chosen: ReadonlySet<string>;
  readonly isFull: boolean;
  readonly onToggle: (account: SocialAccount, isChosen: boolean) => void;
}

/** Chooses all accounts of a platform that are ready, or none of them. */
function ChooseAll({ group, chosen, isFull, onToggle }: ChooseAllProps) {
  const ready = group.filter((account) => firstMode(account) !== null);
  const rest = isFull ? [] : ready.filter(({ socialAccountId }) => !chosen.has(socialAccountId));
  const all = rest.length > 0 ? rest : ready;
  return (
    <Button
      kind="quiet"
      onPress={() => {
        for (const account of all) onToggle(account, rest.length > 0);
      }}
    >
      <ListChecks aria-hidden /> {rest.length > 0 ? `Choose all ${ready.length}` : "Choose none"}
    </Button>
  );
}
