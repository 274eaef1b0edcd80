import type { LoginFailure, LoginName, PlatformName } from "presswork-client";
import type { LoginKind } from "../../platforms/facts";
import { FACTS } from "../../platforms/logins";

/** A login that a person begins: of a new account, or of one that is connected again. */
export interface LoginRequest {
  readonly projectId: string;
  readonly platform: PlatformName;
  readonly login: LoginName;
  /** The account's server, where the platform has many. */
  readonly host?: string | undefined;
  /** The account to connect again. */
  readonly socialAccountId?: string | undefined;
}

/** A login that has begun in this browser. */
export interface BegunLogin extends LoginRequest {
  readonly state: string;
}

const KEY = "presswork-logins";
const KEPT = 10;

/** Remembers a login until its owner comes back from the platform, perhaps in another tab. */
export function rememberLogin(id: string, login: BegunLogin): void {
  const others = Object.entries(readLogins()).filter(([other]) => other !== id);
  localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...others.slice(1 - KEPT), [id, login]])));
}

/** Returns a login that this browser began, or null. */
export function recallLogin(id: string | undefined): BegunLogin | null {
  return (id !== undefined && readLogins()[id]) || null;
}

function readLogins(): Readonly<Record<string, BegunLogin>> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, BegunLogin>;
  } catch {
    return {};
  }
}

/** Returns what a login is called, and on which page the owner agrees. */
export function loginKind(platform: PlatformName, login: LoginName): LoginKind {
  const [usual, ...others] = FACTS[platform].logins;
  return others.find((kind) => kind.id === login) ?? usual;
}

interface Failure {
  readonly what: string;
  readonly next: string;
}

const FAILURES: Readonly<Record<LoginFailure, Failure>> = {
  access_denied: {
    what: "The owner did not agree, so the account was not connected.",
    next: "If that was not intended, begin again and allow the access.",
  },
  expired_state: {
    what: "The login took longer than ten minutes.",
    next: "Begin again, and complete it within ten minutes.",
  },
  state_used: {
    what: "The platform's answer was opened a second time.",
    next: "The first time counts: look whether the account is in the list. If it is not, begin again.",
  },
  exchange_failed: {
    what: "The platform did not complete the login.",
    next: "Begin again. If it fails again, check the app's id, secret and redirect URI; the log of this service has the platform's words.",
  },
  no_account: {
    what: "The login gives access to no account that posts can be published to.",
    next: "Begin again, and allow all that is asked for.",
  },
  account_mismatch: {
    what: "The owner logged in with another account than the one to connect again. Nothing has changed.",
    next: "Log out on the platform's site, begin again, and log in with the right account.",
  },
  platform_unavailable: {
    what: "The platform did not answer, or is not set up here any more.",
    next: "Begin again in a few minutes. If it fails again, look at System.",
  },
  project_archived: {
    what: "The project was archived in the meantime.",
    next: "Connect the account in another project.",
  },
  link_expired: {
    what: "The connect link expired while the owner logged in.",
    next: "Make a new link.",
  },
  link_revoked: {
    what: "The connect link was revoked while the owner logged in.",
    next: "Make a new link.",
  },
  link_used_up: {
    what: "Other logins used up the connect link while the owner logged in.",
    next: "Make a new link with more uses.",
  },
  account_disconnected: {
    what: "The account was disconnected while its owner logged in at the connect link. Nothing has changed.",
    next: "Connect it with a new login if it is still needed.",
  },
  plan_limit: {
    what: "The organization has as many accounts as its plan includes.",
    next: "Disconnect one, or ask for a higher limit.",
  },
  key_revoked: {
    what: "The session that began the login has ended.",
    next: "Begin again.",
  },
};

/** Returns what a failed login means, and what to do on its platform, where that is known. */
export function failureOf(code: string | null | undefined, platform: PlatformName | undefined): Failure {
  const failure = Object.entries(FAILURES).find(([known]) => known === code)?.[1];
  if (failure === undefined) return { what: "The account was not connected.", next: "Begin again." };
  return code === "no_account" && platform !== undefined ? { ...failure, next: FACTS[platform].noAccount } : failure;
}
