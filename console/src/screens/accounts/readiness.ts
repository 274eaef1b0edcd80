import type { Mode, ModeReadiness, PlatformName, SocialAccount } from "presswork-client";
import { FACTS } from "../../platforms/logins";
import type { Tone } from "../../ui/Badge";

/** What makes a mode available again. */
export type Fix = "login" | "layer" | "settings";

interface Cause {
  /** For a badge. */
  readonly short: string;
  readonly sentence: string;
  readonly tone: Tone;
  readonly fix: Fix | null;
}

/** The modes, in the order in which they are shown. */
export const MODES: readonly { readonly id: Mode; readonly label: string }[] = [
  { id: "publish", label: "Publish" },
  { id: "draft", label: "Draft" },
  { id: "managed", label: "Managed" },
];

const CAUSES: Readonly<Record<string, Cause>> = {
  disconnected: {
    short: "disconnected",
    sentence: "The account is disconnected. Connect it again to use it.",
    tone: "neutral",
    fix: "login",
  },
  reauth_required: {
    short: "access ended",
    sentence:
      "The platform no longer accepts the access: its owner removed the app or changed the password, or it expired. Connect the account again.",
    tone: "bad",
    fix: "login",
  },
  missing_permission: {
    short: "permission missing",
    sentence: "The owner did not grant all that this mode needs. Connect the account again, and agree to everything.",
    tone: "warn",
    fix: "login",
  },
  no_managed_layer: {
    short: "no layer",
    sentence: "The account is in no layer of managed distribution. Add it to one that names a provider.",
    tone: "neutral",
    fix: "layer",
  },
  no_managed_provider: {
    short: "no provider",
    sentence:
      "The account's layer names no provider that is set up here. Name another one, or let the operator add it with `presswork provider add`.",
    tone: "warn",
    fix: "layer",
  },
  mode_unavailable: {
    short: "not offered",
    sentence: "The platform does not offer this mode.",
    tone: "neutral",
    fix: null,
  },
  platform_unavailable: {
    short: "not set up",
    sentence: "This installation is not set up for it: credentials or settings are missing.",
    tone: "warn",
    fix: "settings",
  },
};

/** Returns why a mode is not available, or null if it is. */
export function causeOf(readiness: ModeReadiness): Cause | null {
  if (readiness.ready) return null;
  const reason = readiness.reason ?? "not available";
  return CAUSES[reason] ?? { short: reason.replaceAll("_", " "), sentence: "", tone: "warn", fix: null };
}

/** Returns the one cause that holds for the whole account, whatever the mode; null if there is none. */
export function causeOfAll(account: Pick<SocialAccount, "status" | "readiness">): Cause | null {
  return account.status === "connected" ? null : (CAUSES[account.status] ?? null);
}

/** The modes that are worth a word: managed distribution only for an account in a layer, which may name a provider. */
export function modesOf({ layerId, readiness }: Pick<SocialAccount, "layerId" | "readiness">): typeof MODES {
  return MODES.filter(({ id }) => id !== "managed" || layerId !== null || readiness.managed.ready);
}

/**
 * Returns what keeps an account from posting, in a word or two for each. What was never set up for drafts is no problem of an
 * account that can publish.
 */
export function problemsOf(
  account: Pick<SocialAccount, "status" | "readiness" | "layerId">,
): readonly { readonly text: string; readonly tone: Tone }[] {
  const ofAll = causeOfAll(account);
  if (ofAll !== null)
    return [{ tone: ofAll.tone, text: ofAll.tone === "bad" ? "Access ended: connect again" : "Disconnected" }];
  return modesOf(account).flatMap(({ id, label }) => {
    const cause = causeOf(account.readiness[id]);
    const isNone = cause === null || cause.tone === "neutral";
    if (isNone || (id === "draft" && cause.fix === "settings" && account.readiness.publish.ready)) return [];
    return [{ tone: cause.tone, text: `${label}: ${cause.short}` }];
  });
}

/** Whether a new login of the owner makes more possible. */
export function needsLogin(account: Pick<SocialAccount, "status" | "readiness">): boolean {
  return MODES.some(({ id }) => causeOf(account.readiness[id])?.fix === "login");
}

/** Returns how a mode delivers a post. */
export function deliveryOf(platform: PlatformName, mode: Mode): string {
  return FACTS[platform]?.delivery[mode] ?? "";
}
