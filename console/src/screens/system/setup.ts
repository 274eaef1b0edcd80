import type { PlatformSetup, SetupCheck, SetupStep } from "presswork-client";

/** A result about a step. `open`: something is to be done first; `info`: it can't be checked. */
export interface StepResult {
  readonly status: "ok" | "warn" | "fail" | "open" | "info";
  readonly message: string;
  readonly fix: string | null;
}

/** Returns the results of the last checks about some steps. */
export function resultsOf(setup: PlatformSetup, steps: readonly SetupStep[]): readonly StepResult[] {
  return setup.checks.filter(({ step }: SetupCheck) => steps.includes(step));
}

/** Returns the results about the credentials that are in use. */
export function appResultsOf(setup: PlatformSetup): readonly StepResult[] {
  const warnings = setup.warnings.map(({ code, message }): StepResult => {
    return { status: code === "refused" || code === "unreadable" ? "fail" : "warn", message, fix: null };
  });
  const missing = setup.missing.filter((name) => setup.variables.includes(name));
  if (missing.length > 0) {
    // Where the ID follows from the address, a secret alone is missing.
    const isHalf = missing.length < setup.variables.length && setup.state !== "missing";
    const message = isHalf
      ? `The environment sets a part of them: ${missing.join()} is missing.`
      : "They are not set yet.";
    return [{ status: isHalf ? "fail" : "open", message, fix: null }, ...warnings];
  }
  if (setup.check === null)
    return [{ status: "info", message: "They have not been checked yet.", fix: null }, ...warnings];
  if (setup.check.result === "accepted")
    return [{ status: "ok", message: sentence(setup.check.message), fix: null }, ...warnings];
  if (setup.check.result === "unsupported")
    return [{ status: "info", message: sentence(setup.check.message), fix: null }, ...warnings];
  return warnings;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

/** Returns the worst of some results; null without any. */
export function worstOf(results: readonly StepResult[]): StepResult["status"] | null {
  const order = ["fail", "open", "warn", "info", "ok"] as const;
  return order.find((status) => results.some((one) => one.status === status)) ?? null;
}

/** How far a platform is, in one or two words. */
export function setupState(setup: PlatformSetup): {
  readonly tone: "good" | "warn" | "bad" | "neutral";
  readonly text: string;
} {
  const app = worstOf(appResultsOf(setup));
  if (app === "fail") return { tone: "bad", text: "does not work" };
  if (!setup.isConfigured) return { tone: "neutral", text: "not set up" };
  const worst = worstOf(setup.checks);
  if (worst === "fail") return { tone: "bad", text: "does not work" };
  return app === "warn" || worst === "warn"
    ? { tone: "warn", text: "needs attention" }
    : { tone: "good", text: "set up" };
}

/** Returns why platforms do not accept the public URL; null: they do, as far as its form goes, or there is none. */
export function publicUrlProblem(publicUrl: string | null): { readonly title: string; readonly text: string } | null {
  if (publicUrl === null) return null;
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol !== "https:") {
    return { title: "The public URL is not https", text: "Networks refuse such addresses." };
  }
  if (hostname === "localhost" || /^[\d.]+$|^\[/.test(hostname)) {
    return { title: "The public URL has no public host name", text: `Networks can't reach ${hostname}.` };
  }
  return null;
}
