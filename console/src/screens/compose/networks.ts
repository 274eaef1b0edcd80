import type { Mode, PlatformName } from "presswork-client";
import type { Draft, TargetChange, TargetDraft } from "./draft";
import { newTarget } from "./draft";
import type { Finding } from "./findings";
import { accountOptions } from "./options/tables";

/** What is in front: the post as everyone gets it, or as one network does. */
export type TabId = "everyone" | PlatformName;

/** A tab of the composer. */
export interface Tab {
  readonly id: TabId;
  /** Whether the network gets something else than everyone. */
  readonly differs: boolean;
  readonly hasProblem: boolean;
}

/** Returns the tabs of the chosen accounts: none for one network, which has nothing to differ from. */
export function tabsOf(draft: Draft, findings: readonly Finding[]): readonly Tab[] {
  const networks = networksOf(draft);
  if (networks.length < 2 && !draft.targets.some((one) => !one.isApart && hasOwnTexts(one))) return [];
  const errors = findings.filter(({ isError }) => isError);
  const everyone: Tab = {
    id: "everyone",
    differs: false,
    hasProblem: errors.some(({ field }) => typeof field === "string"),
  };
  return [
    everyone,
    ...networks.map((platform): Tab => {
      const targets = draft.targets.filter((one) => one.platform === platform);
      const ids = targets.map(({ socialAccountId }) => socialAccountId);
      return {
        id: platform,
        differs: targets.some((one) => one.isApart || differs(one)),
        hasProblem: errors.some(({ field }) => typeof field !== "string" && ids.includes(field.socialAccountId)),
      };
    }),
  ];
}

/** Returns the networks of the chosen accounts, in the order in which they were chosen. */
export function networksOf({ targets }: Pick<Draft, "targets">): readonly PlatformName[] {
  return [...new Set(targets.map(({ platform }) => platform))];
}

/** Whether a target goes with its network. */
export function follows(target: TargetDraft, { platform }: { readonly platform: PlatformName }): boolean {
  return target.platform === platform && !target.isApart;
}

/** Returns the target whose values its network's tab shows; undefined: no account of it is chosen. */
export function leadOf({ targets }: Pick<Draft, "targets">, platform: PlatformName): TargetDraft | undefined {
  return targets.find((one) => follows(one, { platform }));
}

/** Returns a target as its network has it. The mode stays: another account may not be ready for that one. */
export function asLead(target: TargetDraft, lead: TargetDraft | undefined): TargetDraft {
  const like = lead === undefined ? target : changed(target, lead, lead);
  return { ...like, mode: target.mode, isApart: false };
}

/** Returns a target after a change of its network. Playlists and boards are those of one account. */
export function changed(target: TargetDraft, change: TargetChange, lead: TargetDraft | undefined): TargetDraft {
  const { socialAccountId, platform, isApart } = target;
  const changes = { ...target, ...change, socialAccountId, platform, isApart };
  if (socialAccountId === lead?.socialAccountId) return changes;
  const own = ofAccount(target);
  const others = Object.entries(changes.options).filter(([name]) => !accountOptions(platform).includes(name));
  return {
    ...changes,
    youtube: { ...changes.youtube, playlistIds: target.youtube.playlistIds },
    options: { ...Object.fromEntries(others), ...own },
  };
}

/** Returns the options of a target that only its account can have. */
function ofAccount({ platform, options }: TargetDraft): TargetDraft["options"] {
  const names = accountOptions(platform);
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}

/** Returns targets of which each network has one that shows its values. */
export function withLeads(targets: readonly TargetDraft[]): readonly TargetDraft[] {
  return targets.map((one, at) => {
    const isFirst = targets.findIndex(({ platform }) => platform === one.platform) === at;
    return isFirst && leadOf({ targets }, one.platform) === undefined ? { ...one, isApart: false } : one;
  });
}

/** Whether a target has its own text or first comment. */
export function hasOwnTexts({ caption, firstComment }: TargetDraft): boolean {
  return caption !== null || firstComment !== null;
}

/** Whether a target gets something else than everyone. What TikTok demands of a person is no difference, nor is a board. */
export function differs(target: TargetDraft): boolean {
  return JSON.stringify(target) !== JSON.stringify({ ...asEveryone(target), mode: "publish" });
}

/** Returns a target that takes everything from everyone, with its mode, what TikTok demands of a person, and its board. */
export function asEveryone(target: TargetDraft): TargetDraft {
  const { socialAccountId, platform, mode, isApart, tiktok } = target;
  const fresh = newTarget(socialAccountId, platform, mode);
  const { privacyLevel, allowsComments, allowsDuet, allowsStitch, isDisclosed, isBrandOrganic, isBrandedContent } =
    tiktok;
  const demanded = {
    privacyLevel,
    allowsComments,
    allowsDuet,
    allowsStitch,
    isDisclosed,
    isBrandOrganic,
    isBrandedContent,
  };
  return { ...fresh, isApart, tiktok: { ...fresh.tiktok, ...demanded }, options: ofAccount(target) };
}

/** Whether a person chooses options of a platform in a mode. */
export function hasOptionsIn(platform: PlatformName, mode: Mode): boolean {
  return platform === "tiktok" ? mode === "publish" : mode !== "draft";
}
