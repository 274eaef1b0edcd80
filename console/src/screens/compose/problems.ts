import type { Draft } from "./draft";
import { type Finding, findingsOfError, merged, missingOf } from "./findings";

interface Known {
  readonly draft: Draft;
  readonly mayPublish: boolean;
  readonly uploads: {
    readonly states: ReadonlyMap<string, { readonly status: string }>;
    readonly isInterrupted: boolean;
  };
  readonly finalize: { readonly isError: boolean; readonly error: unknown };
  readonly preflight: { readonly findings: readonly Finding[] };
  readonly submission: { readonly isError: boolean; readonly findings: readonly Finding[] };
  readonly texts: { readonly findings: readonly Finding[] };
}

/** What is known to be wrong with a draft. */
export interface Problems {
  /** All findings, for their fields. */
  readonly found: readonly Finding[];
  /** The first one for which the call would be refused, or its posts would fail; null: none. */
  readonly blocker: Finding | null;
  /** What comes next before there is something to send: no problem yet; null: nothing. */
  readonly gap: Finding | null;
}

/** Collects what speaks against sending a draft. */
export function problemsOf({ draft, mayPublish, uploads, finalize, preflight, submission, texts }: Known): Problems {
  const missing = missingOf(draft, { mayPublish, now: Date.now() });
  const isGap = ({ field }: Finding) => typeof field === "string" && field !== "when";
  const speaksAgainst = [
    ...unsent(draft, uploads),
    ...missing.filter((finding) => !isGap(finding)),
    ...preflight.findings,
  ];
  const finalizing = finalize.isError && !submission.isError ? findingsOfError(finalize.error, draft, []) : [];
  return {
    found: merged([...speaksAgainst, ...submission.findings, ...finalizing, ...texts.findings]),
    blocker: speaksAgainst.find(({ isError }) => isError) ?? null,
    gap: missing.find(isGap) ?? null,
  };
}

/** Returns that files did not arrive, which a person has to send again. */
function unsent(draft: Draft, { states, isInterrupted }: Known["uploads"]): readonly Finding[] {
  const failed = draft.files.filter(({ id }) => states.get(id)?.status === "failed").length;
  if (failed === 0 && !isInterrupted) return [];
  const message =
    failed === 1 ? "A file was not sent." : failed > 1 ? `${failed} files were not sent.` : "Choose the files again.";
  return [{ isError: true, message, field: "files", accounts: [] }];
}
