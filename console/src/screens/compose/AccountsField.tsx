import { Link } from "@tanstack/react-router";
import { ChevronDown, TriangleAlert } from "lucide-react";
import type { Environment, SocialAccount } from "presswork-client";
import { type Dispatch, lazy, Suspense, useState } from "react";
import { MAX_TARGETS } from "../../api/maxima";
import { accountName, PLATFORMS, platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { SkeletonRows } from "../../ui/Skeleton";
import "../../ui/field.css";
import { firstMode, sorted, whyNotReady } from "./accounts";
import "./accounts-field.css";
import { type Action, type Draft, newTarget } from "./draft";

const NoAccounts = lazy(() => import("./NoAccounts"));

/** From this number on, there is a search. */
const MANY = 12;

interface AccountsFieldProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly accounts: readonly SocialAccount[] | undefined;
  readonly mayConnect: boolean;
  readonly dispatch: Dispatch<Action>;
}

/** The accounts of the project as a row of avatars with the signs of their networks. One that is not ready says why. */
export function AccountsField({ environment, draft, accounts, mayConnect, dispatch }: AccountsFieldProps) {
  const [text, setText] = useState("");
  if (accounts === undefined) return <SkeletonRows rows={1} />;
  if (accounts.length === 0) {
    return (
      <Suspense>
        <NoAccounts environment={environment} projectId={draft.projectId} mayConnect={mayConnect} />
      </Suspense>
    );
  }
  const chosen = new Set(draft.targets.map(({ socialAccountId }) => socialAccountId));
  const isFull = chosen.size >= MAX_TARGETS;
  const notReady = accounts.filter((account) => firstMode(account) === null);
  const choose = (account: SocialAccount, isChosen: boolean) => {
    const { socialAccountId, platform } = account;
    if (isChosen)
      dispatch({ type: "add target", target: newTarget(socialAccountId, platform, firstMode(account) ?? "publish") });
    else dispatch({ type: "remove target", socialAccountId });
  };
  return (
    <>
      <div className="accounts-row">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is no row that wraps */}
        <div className="accounts" role="group" aria-label="Accounts">
          {sorted(accounts, text).map((account) => (
            <AccountToggle
              key={account.socialAccountId}
              account={account}
              isChosen={chosen.has(account.socialAccountId)}
              isFull={isFull}
              isAlone={accounts.filter(({ platform }) => platform === account.platform).length === 1}
              onChoose={choose}
            />
          ))}
          <span hidden data-field="accounts" />
          {accounts.length > 1 && <ChooseMenu accounts={accounts} chosen={chosen} onChoose={choose} />}
        </div>
        {accounts.length >= MANY && (
          <input
            type="search"
            className="input"
            aria-label="Find an account"
            placeholder="Find an account"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        )}
      </div>
      {isFull && <p className="soft small">A post goes to up to {MAX_TARGETS} accounts at once.</p>}
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
    </>
  );
}

interface AccountToggleProps {
  readonly account: SocialAccount;
  readonly isChosen: boolean;
  readonly isFull: boolean;
  /** Whether its network's sign is enough to know it. */
  readonly isAlone: boolean;
  readonly onChoose: (account: SocialAccount, isChosen: boolean) => void;
}

function AccountToggle({ account, isChosen, isFull, isAlone, onChoose }: AccountToggleProps) {
  const isReady = firstMode(account) !== null;
  return (
    <button
      type="button"
      className={isAlone ? "account alone" : "account"}
      aria-pressed={isChosen}
      disabled={!isChosen && (!isReady || isFull)}
      onClick={() => onChoose(account, !isChosen)}
    >
      <span className="account-avatar">
        <span className="account-initial" aria-hidden>
          {account.handle.charAt(0).toUpperCase()}
        </span>
        <span className="account-badge">
          <PlatformIcon platform={account.platform} />
        </span>
      </span>
      <span className="account-handle cut">{accountName(account.platform, account.handle)}</span>
      {!isReady && <TriangleAlert aria-hidden />}
    </button>
  );
}

interface ChooseMenuProps {
  readonly accounts: readonly SocialAccount[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (account: SocialAccount, isChosen: boolean) => void;
}

/** Chooses all accounts that are ready, those of one network, or none. */
function ChooseMenu({ accounts, chosen, onChoose }: ChooseMenuProps) {
  const ready = accounts.filter((account) => firstMode(account) !== null);
  const networks = PLATFORMS.flatMap((platform) => {
    const group = ready.filter((account) => account.platform === platform);
    return group.length > 1 && group.length < ready.length ? [{ platform, group }] : [];
  });
  const choose = (some: readonly SocialAccount[], isChosen: boolean) => {
    for (const account of some) {
      if (chosen.has(account.socialAccountId) !== isChosen) onChoose(account, isChosen);
    }
  };
  return (
    <Menu
      label="Choose accounts"
      trigger={
        <Button kind="quiet">
          All <ChevronDown aria-hidden />
        </Button>
      }
    >
      <MenuItem onAction={() => choose(ready, true)}>All {ready.length} accounts</MenuItem>
      {networks.map(({ platform, group }) => (
        <MenuItem key={platform} onAction={() => choose(group, true)}>
          All {group.length} on {platformName(platform)}
        </MenuItem>
      ))}
      {chosen.size > 0 && <MenuItem onAction={() => choose(accounts, false)}>None</MenuItem>}
    </Menu>
  );
}
