import { queryOptions } from "@tanstack/react-query";
import type { Environment, Mode, NotReady, SocialAccount } from "presswork-client";
import { clientOf } from "../../api/client";
import { accountName, PLATFORMS, platformName } from "../../platforms/platforms";

const PAGE = 100;

/** The accounts of a project that are not disconnected. Events of the stream refresh them. */
export function projectAccountsQuery(environment: Environment, projectId: string | null) {
  return queryOptions({
    queryKey: [environment, "accounts", "of", projectId],
    queryFn: async () => {
      const accounts: SocialAccount[] = [];
      const list = clientOf(environment).socialAccounts.list({ projectId: projectId ?? "", limit: PAGE });
      for await (const account of list) if (account.status !== "disconnected") accounts.push(account);
      return accounts;
    },
    enabled: projectId !== null,
    staleTime: 30_000,
  });
}

/** What the platform lets the owner of an account choose now. It is read whenever the form opens, and never kept. */
export function creatorInfoQuery(environment: Environment, socialAccountId: string) {
  return queryOptions({
    queryKey: [environment, "creator", socialAccountId],
    queryFn: () => clientOf(environment).socialAccounts.getCreatorInfo({ socialAccountId }),
    staleTime: 0,
    gcTime: 0,
  });
}

/** The playlists that an account has now. They are read when its options are opened. */
export function playlistsQuery(environment: Environment, socialAccountId: string) {
  return queryOptions({
    queryKey: [environment, "playlists", socialAccountId],
    queryFn: async () => (await clientOf(environment).socialAccounts.listPlaylists({ socialAccountId })).items,
    staleTime: 60_000,
  });
}

/** What an account has on its network, of which an option names one. */
export type AccountList = "boards";

/** Whether a text is the name of such a list. */
export function isAccountList(text: string | undefined): text is AccountList {
  return text === "boards";
}

/** Such a list of an account as it is now. It is read when the account's options are opened. */
export function accountListQuery(environment: Environment, list: AccountList, socialAccountId: string) {
  return queryOptions({
    queryKey: [environment, list, socialAccountId],
    queryFn: async () => {
      const found: { readonly id: string; readonly label: string }[] = [];
      const boards = clientOf(environment).socialAccounts.listBoards({ socialAccountId, limit: PAGE });
      for await (const { id, name } of boards) found.push({ id, label: name });
      return found;
    },
    staleTime: 60_000,
  });
}

export const MODES: readonly { readonly id: Mode; readonly label: string }[] = [
  { id: "publish", label: "Publish" },
  { id: "draft", label: "Send to the creator's phone" },
  { id: "managed", label: "Through a provider" },
];

const REASONS: Readonly<Record<NotReady, string>> = {
  disconnected: "It is disconnected.",
  reauth_required: "Its access has expired or was revoked.",
  missing_permission: "A permission was not granted.",
  no_managed_layer: "It belongs to no managed layer.",
  no_managed_provider: "Its layer names no provider.",
  mode_unavailable: "This mode is not set up here.",
  platform_unavailable: "The platform is not set up here.",
  not_supported: "The platform has no call for it.",
};

/** Says why an account can't be used in a mode; null: it can. */
export function whyNotReady(account: SocialAccount, mode: Mode): string | null {
  const { ready, reason } = account.readiness[mode];
  return ready ? null : reason === null ? "It is not ready." : REASONS[reason];
}

/** Returns the mode in which an account can be used, `publish` first; null: it can't be used. */
export function firstMode(account: SocialAccount): Mode | null {
  return MODES.find(({ id }) => account.readiness[id].ready)?.id ?? null;
}

/** Returns the accounts whose name contains a text, by network and in alphabetical order. */
export function sorted(accounts: readonly SocialAccount[], text: string): readonly SocialAccount[] {
  const sought = text.trim().toLowerCase().replace(/^@/, "");
  const isSought = ({ handle, displayName, platform }: SocialAccount) =>
    `${handle} ${displayName ?? ""} ${platformName(platform)}`.toLowerCase().includes(sought);
  const place = ({ platform }: SocialAccount) => PLATFORMS.indexOf(platform);
  return accounts
    .filter(isSought)
    .toSorted((one, other) => place(one) - place(other) || one.handle.localeCompare(other.handle));
}

/** Returns the name of an account; with its platform, where another account has the same name. */
export function nameIn(accounts: readonly SocialAccount[], socialAccountId: string): string {
  const account = accounts.find((one) => one.socialAccountId === socialAccountId);
  if (account === undefined) return "an unknown account";
  const name = accountName(account.platform, account.handle);
  const isShared = accounts.some((one) => one !== account && accountName(one.platform, one.handle) === name);
  return isShared ? `${name} on ${platformName(account.platform)}` : name;
}
