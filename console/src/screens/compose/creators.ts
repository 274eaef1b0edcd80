import type { CreatorInfo } from "presswork-client";

/** What several creators allow together. */
export type CommonInfo = Pick<
  CreatorInfo,
  "isCommentDisabled" | "isDuetDisabled" | "isStitchDisabled" | "maxVideoDurationSeconds" | "privacyLevels"
>;

/** Returns what all creators allow: a post to each of them has the same settings. */
export function commonInfo(creators: readonly CommonInfo[]): CommonInfo {
  const isOff = (of: (creator: CommonInfo) => boolean | null) => creators.some((creator) => of(creator) === true);
  const longest = creators.flatMap(({ maxVideoDurationSeconds }) => maxVideoDurationSeconds ?? []);
  const [first, ...others] = creators;
  return {
    isCommentDisabled: isOff(({ isCommentDisabled }) => isCommentDisabled),
    isDuetDisabled: isOff(({ isDuetDisabled }) => isDuetDisabled),
    isStitchDisabled: isOff(({ isStitchDisabled }) => isStitchDisabled),
    maxVideoDurationSeconds: longest.length === 0 ? null : Math.min(...longest),
    privacyLevels: (first?.privacyLevels ?? []).filter((level) =>
      others.every(({ privacyLevels }) => privacyLevels?.includes(level)),
    ),
  };
}
