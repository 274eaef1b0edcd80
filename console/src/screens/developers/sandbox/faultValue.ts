import type { SandboxFault } from "presswork-client";

/** Returns the `value` of a fault from what a person typed: milliseconds, a code, or code/subcode. */
export function faultValue(
  fault: SandboxFault["fault"],
  text: string,
): { readonly value?: Readonly<Record<string, string | number>> } {
  const typed = text.trim();
  if (typed === "") return {};
  if (isDelay(fault)) return { value: { ms: Number(typed) } };
  const [code = "", subcode] = typed.split("/").map((part) => part.trim());
  return { value: { code: numberOr(code), ...(subcode && { subcode: numberOr(subcode) }) } };
}

/** Whether the value of a fault is a number of milliseconds. */
export function isDelay(fault: SandboxFault["fault"]): boolean {
  return fault === "latency" || fault === "late_effect";
}

function numberOr(text: string): string | number {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}
