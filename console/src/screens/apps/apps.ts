import { queryOptions } from "@tanstack/react-query";
import {
  APIStatusError,
  type AppAccount,
  type Environment,
  type PlatformApp,
  type PlatformName,
} from "presswork-client";
import { clientOf } from "../../api/client";
import { platformName } from "../../platforms/platforms";
import { countOf } from "../../posts/queuedCount";
import type { Tone } from "../../ui/Badge";
import type { StepResult } from "../system/setup";

/** Where logins use an app: in these projects; null: in all that have no app of this network. */
export type Places = readonly string[] | null;

const MOST_TO_MOVE = 100;

/** The key of all that is read about the apps of an environment: events about accounts refresh it. */
export function appsKey(environment: Environment) {
  return [environment, "accounts", "apps"] as const;
}

/** One app. */
export function appQuery(environment: Environment, platformAppId: string) {
  return queryOptions({
    queryKey: [...appsKey(environment), platformAppId],
    queryFn: () => clientOf(environment).platformApps.get({ platformAppId }),
  });
}

/** The accounts that move to an app or from it when they are connected again: the first hundred, and whether there are more. */
export function toMoveQuery(environment: Environment, platformAppId: string) {
  return queryOptions({
    queryKey: [...appsKey(environment), platformAppId, "to-move"],
    queryFn: async (): Promise<{ readonly accounts: readonly AppAccount[]; readonly hasMore: boolean }> => {
      const page = await clientOf(environment).platformApps.listAccounts({
        platformAppId,
        needsReconnect: true,
        limit: MOST_TO_MOVE,
      });
      return { accounts: page.items, hasMore: page.hasNextPage };
    },
  });
}

/** Returns where an app is used: "All projects", "Corner Bakery", or "3 projects". */
export function placesText(places: Places, projectName: (id: string) => string | undefined): string {
  if (places === null) return "All projects";
  const [only] = places;
  if (only === undefined) return "No new logins";
  return places.length === 1 ? (projectName(only) ?? "1 project") : countOf(places.length, "project");
}

/** Returns the last answer of the network about an app in a word or two. */
export function checkBadge({ lastCheck }: PlatformApp): { readonly tone: Tone; readonly text: string } {
  switch (lastCheck?.result) {
    case "accepted":
      return { tone: "good", text: "accepted" };
    case "refused":
      return { tone: "bad", text: "refused" };
    case "unreachable":
      return { tone: "warn", text: "no answer" };
    case "unsupported":
      return { tone: "neutral", text: "can't be checked" };
    default:
      return { tone: "neutral", text: "not checked" };
  }
}

/** Returns what the last answer of the network means, and what to do. */
export function checkResult({ lastCheck, platform }: PlatformApp): StepResult {
  const network = platformName(platform);
  switch (lastCheck?.result) {
    case "accepted":
      return { status: "ok", message: `${network} accepts the ID and the secret.`, fix: null };
    case "refused":
      return {
        status: "fail",
        message: `${network} does not accept the ID and the secret, or has blocked the app.`,
        fix: "Compare them with the app's page there. Then replace the secret.",
      };
    case "unreachable":
      return { status: "warn", message: `${network} did not answer.`, fix: "Check again in a few minutes." };
    case "unsupported":
      return {
        status: "info",
        message: `${network} can't be asked about them. The first login shows whether they are right.`,
        fix: null,
      };
    default:
      return { status: "open", message: "They have not been checked yet.", fix: null };
  }
}

/** What a network calls the ID and the secret of an app. */
const CREDENTIALS: Partial<Record<PlatformName, { readonly id: string; readonly secret: string }>> = {
  tiktok: { id: "Client key", secret: "Client secret" },
  youtube: { id: "Client ID", secret: "Client secret" },
  linkedin: { id: "Client ID", secret: "Client secret" },
  x: { id: "OAuth 2.0 client ID", secret: "OAuth 2.0 client secret" },
  telegram: { id: "Bot ID", secret: "Token" },
  pinterest: { id: "App ID", secret: "App secret key" },
  instagram: { id: "Instagram app ID", secret: "Instagram app secret" },
  threads: { id: "Threads app ID", secret: "Threads app secret" },
};

/** Returns what a network calls the ID and the secret of an app. */
export function credentialNames(platform: PlatformName): { readonly id: string; readonly secret: string } {
  return CREDENTIALS[platform] ?? { id: "App ID", secret: "App secret" };
}

/** Why a change was refused, where our words are plainer than the server's. */
export type Refusal =
  | { readonly reason: "in_use"; readonly accounts: number }
  | { readonly reason: "place_taken"; readonly platformAppId: string | null };

/** Returns why a change was refused; null for another failure. */
export function refusalOf(error: Error | null): Refusal | null {
  if (!(error instanceof APIStatusError)) return null;
  const { reason, accounts, platformAppId } = error.details;
  if (reason === "app_in_use") return { reason: "in_use", accounts: Number(accounts) };
  if (reason !== "place_taken") return null;
  return { reason: "place_taken", platformAppId: typeof platformAppId === "string" ? platformAppId : null };
}

/** Returns accounts by project, in the order in which the projects first appear. */
export function byProject(accounts: readonly AppAccount[]): readonly (readonly [string, readonly AppAccount[]])[] {
  const groups = new Map<string, AppAccount[]>();
  for (const account of accounts) {
    const group = groups.get(account.projectId);
    if (group === undefined) groups.set(account.projectId, [account]);
    else group.push(account);
  }
  return [...groups];
}
