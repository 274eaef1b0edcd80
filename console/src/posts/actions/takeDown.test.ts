import type { NotReady, ScheduledPost, SocialAccount } from "presswork-client";
import { expect, test } from "vitest";
import { adviceOf } from "../afterwards";
import { refusalOf } from "./actions";
import { canCall, countSentence, effectSentence, type Way, wayOf } from "./takeDown";

const accountWith = (reason: NotReady | null) =>
  ({ readiness: { takeDown: { ready: reason === null, reason } } }) as unknown as SocialAccount;

test.each([
  ["publish", null, "call"],
  ["publish", "reauth_required", "access"],
  ["publish", "missing_permission", "permission"],
  ["publish", "disconnected", "permission"],
  ["publish", "not_supported", "person"],
  ["managed", null, "person"],
] as const)("a post by %s of an account with %s is taken down by: %s", (mode, reason, way) => {
  expect(wayOf({ mode }, accountWith(reason))).toBe(way);
  expect(canCall(way)).toBe(way === "call" || way === "access");
});

test("a person reads how many posts there are, and which ones are theirs", () => {
  const post = (platform: "instagram" | "threads" | "tiktok", way: Way = "call") => ({
    platform,
    socialAccountId: `sa_${platform}`,
    way,
  });
  const sentence = (...posts: readonly ReturnType<typeof post>[]) => countSentence(posts, ({ way }) => way);
  expect(sentence(post("instagram"))).toBe("1 post is live on 1 account.");
  expect(sentence(post("instagram"), post("threads", "permission"), post("tiktok", "person"))).toBe(
    "3 posts are live on 3 accounts. 1 of them, on TikTok, must be deleted by a person. 1 of them, on Threads, can't be " +
      "deleted before its account is connected again, with its owner's agreement.",
  );
  expect(effectSentence([post("instagram")])).toBe(
    "Removes the post from Instagram. Its likes, comments and numbers go with it. This can't be undone.",
  );
  expect(effectSentence([post("instagram"), post("tiktok"), post("tiktok")])).toContain("from Instagram and TikTok.");
});

test("advice has no link, no name of a permission, and always something to do", () => {
  const url = "https://www.tiktok.com/@a/video/1";
  const advice = (liveAdvice: string | null) => adviceOf({ liveAdvice, externalUrl: url, platform: "tiktok" });
  expect(advice(`TikTok has no call for it. Open the post in the TikTok app, tap ⋯ and choose Delete. ${url}`)).toBe(
    "TikTok has no call for it. Open the post in the TikTok app, tap ⋯ and choose Delete.",
  );
  expect(
    advice(
      `The account did not grant a permission that this needs (video_delete). Connect it again. Or do it yourself: open it. ${url}`,
    ),
  ).toBe("The account did not grant a permission that this needs. Connect it again. Or do it yourself: open it.");
  expect(advice(null)).toBe("Delete the post on TikTok yourself.");
});

test("only what is live is taken down, and what could not be, again", () => {
  const refused = (status: ScheduledPost["status"], liveStatus: ScheduledPost["liveStatus"]) =>
    refusalOf("takeDown", { status, liveStatus, gateStatus: null, lastError: null } as ScheduledPost);
  expect(refused("queued", null)).toBe("still queued");
  expect(refused("draft", null)).toBe("already delivered as a draft");
  expect(refused("published", "taking_down")).toBe("already being taken down");
  expect(refused("published", "taken_down")).toBe("already taken down");
  expect(refused("published", "gone")).toBe("already gone");
  for (const liveStatus of ["live", "take_down_failed", "not_supported"] as const) {
    expect(refused("published", liveStatus)).toBeNull();
  }
});
