import type { ProofMethod } from "presswork-client";

/** What a person sends to prove who they are. */
export type Proof =
  | { readonly code: string }
  | { readonly recoveryCode: string }
  | { readonly password: string }
  | { readonly passkey: Readonly<Record<string, unknown>> };

/** What a person does, for each way to prove who they are. */
export const METHOD_LABELS: Readonly<Record<ProofMethod, string>> = {
  passkey: "Use a passkey",
  totp: "Use the authenticator app",
  recovery_code: "Use a recovery code",
  password: "Use the password",
  oidc: "Sign in again",
};

/** The order in which the ways are offered: the quickest first. */
const ORDER: readonly ProofMethod[] = ["passkey", "totp", "password", "recovery_code", "oidc"];

/** Returns the ways that this browser can offer, the quickest first. */
export function waysOf(methods: readonly ProofMethod[], hasPasskeys: boolean): readonly ProofMethod[] {
  return ORDER.filter((method) => methods.includes(method) && (method !== "passkey" || hasPasskeys));
}
