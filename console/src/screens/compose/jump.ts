import type { Draft } from "./draft";
import type { Field, Finding } from "./findings";
import type { Tab, TabId } from "./networks";

/** What can get the focus in a field. */
const CONTROLS = "textarea, input, button, [tabindex='0']";

/** Names the place of a field in the page. The accounts of a network share the fields of its tab. */
export function placeOf(field: Field, { targets }: Pick<Draft, "targets">): string {
  if (typeof field === "string") return field;
  const target = targets.find((one) => one.socialAccountId === field.socialAccountId);
  return `${target === undefined || target.isApart ? field.socialAccountId : target.platform} ${field.part}`;
}

/** Returns the tab in which a field is. */
export function tabOf(field: Field, draft: Pick<Draft, "targets">, tabs: readonly Tab[]): TabId {
  if (typeof field === "string" || tabs.length === 0) return "everyone";
  return draft.targets.find((one) => one.socialAccountId === field.socialAccountId)?.platform ?? "everyone";
}

/** Focuses a field of the tab in front, and opens what is folded around it. */
export function focusField(place: string): void {
  const [scope] = place.split(" ");
  const mark = markOf(place) ?? markOf(`${scope} account`);
  const field = mark?.parentElement;
  if (!field) return;
  for (let fold = field.closest("details"); fold !== null; fold = fold.parentElement?.closest("details") ?? null) {
    fold.open = true;
  }
  const own = field.querySelector<HTMLDetailsElement>(":scope > details");
  if (own !== null) own.open = true;
  const control = [...(own ?? field).querySelectorAll<HTMLElement>(CONTROLS)].find(isFree);
  control?.scrollIntoView({ block: "center" });
  control?.focus({ preventScroll: true });
}

function markOf(place: string): Element | null {
  return document.querySelector(`[data-field="${CSS.escape(place)}"]`);
}

function isFree(one: Element): boolean {
  return !one.matches(":disabled") && one.closest("[aria-hidden=true]") === null && one.checkVisibility();
}

/** Says what is wrong, and where: "TikTok: Choose who can see it." */
export function sentenceOf({ message, accounts }: Finding, names: (socialAccountId: string) => string): string {
  const who = [...new Set(accounts.map(names))];
  return who.length === 0 || who.some((name) => message.includes(name)) ? message : `${who.join(", ")}: ${message}`;
}
