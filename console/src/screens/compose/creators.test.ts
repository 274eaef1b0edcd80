import { expect, test } from "vitest";
import { commonInfo } from "./creators";

const OPEN = {
  isCommentDisabled: false,
  isDuetDisabled: false,
  isStitchDisabled: null,
  maxVideoDurationSeconds: 600,
  privacyLevels: ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
} as const;
const PRIVATE = {
  isCommentDisabled: true,
  isDuetDisabled: false,
  isStitchDisabled: false,
  maxVideoDurationSeconds: null,
  privacyLevels: ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
} as const;

test("several creators allow what each of them allows", () => {
  expect(commonInfo([OPEN, PRIVATE])).toEqual({
    isCommentDisabled: true,
    isDuetDisabled: false,
    isStitchDisabled: false,
    maxVideoDurationSeconds: 600,
    privacyLevels: ["MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
  });
  expect(
    commonInfo([
      { ...OPEN, privacyLevels: ["SELF_ONLY"] },
      { ...PRIVATE, privacyLevels: null },
    ]),
  ).toMatchObject({
    privacyLevels: [],
  });
});
