import type { Draft } from "./draft";
import type { Field, Finding } from "./findings";
import type { Tab, TabId } from "./networks";

/** What can get the focus in a field. */
const CONTROLS = "textarea, input, button, [tabindex='0']";

/** How long a field may take to appear: some ask their platform first. */
const PATIENCE_SECONDS = 3;
/** What can't be reached while a menu or a dialog is open. */
const COVERED = "[aria-hidden=true], [inert]";

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

/** Focuses a field of the tab in front, and opens what is folded around it: once it is there, and no menu is before it. */
export function focusField(place: string): void {
  const until = performance.now() + PATIENCE_SECONDS * 1000;
  const look = () => {
    const mark = markOf(place);
    const isThere = mark !== null && mark.closest(COVERED) === null;
    if (!isThere && performance.now() < until) return void requestAnimationFrame(look);
    const [scope] = place.split(" ");
    focusBeside(mark ?? markOf(`${scope} account`));
  };
  look();
}

/** Focuses the first control beside a mark. */
function focusBeside(mark: Element | null): void {
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
  return !one.matches(":disabled") && one.closest(COVERED) === null && one.checkVisibility();
}

/** Says what is wrong, and where: "TikTok: Choose who can see it." */
export function sentenceOf({ message, accounts }: Finding, names: (socialAccountId: string) => string): string {
  const who = [...new Set(accounts.map(names))];
  return who.length === 0 || who.some((name) => message.includes(name)) ? message : `${who.join(", ")}: ${message}`;
}
