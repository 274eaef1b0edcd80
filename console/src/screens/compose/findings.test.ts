import { ApiResponse, type PreflightResult, ValidationError } from "presswork-client";
import { expect, test } from "vitest";
import { type Draft, type DraftFile, emptyDraft, newTarget } from "./draft";
import { findingsOf, findingsOfError, missingOf, priceText } from "./findings";

const own = { ...newTarget("sa_2", "instagram"), caption: "Own" };
const draft: Draft = {
  ...emptyDraft("prj_1"),
  targets: [newTarget("sa_1", "instagram"), own, newTarget("sa_3", "tiktok")],
};

const tooLong = { code: "PLATFORM_LIMIT" as const, message: "Too long.", details: { reason: "caption_length" } };
const answer = (parts: Partial<PreflightResult>): PreflightResult => ({
  ok: false,
  estimatedCost: null,
  errors: [],
  warnings: [],
  targets: [],
  scheduledFor: null,
  ...parts,
});
const verdict = (socialAccountId: string, errors: readonly object[], warnings: readonly object[] = []) =>
  ({ socialAccountId, ok: false, errors, warnings, quotaCost: null }) as PreflightResult["targets"][number];

test("a finding is at the field that it concerns; the same one of several accounts is one", () => {
  const issue = {
    path: "targets[2].tiktokPostSettings.privacyLevel",
    message: "Not on offer.",
    code: "invalid_choice",
  };
  const found = findingsOf(
    answer({
      targets: [
        verdict("sa_1", [tooLong], [{ code: "MEDIA_CROPPED", message: "Cropped.", details: { item: 2 } }]),
        verdict("sa_2", [tooLong]),
        verdict("sa_3", [tooLong, { code: "VALIDATION", message: "No.", details: { issues: [issue] } }]),
      ],
    }),
    draft,
  );
  expect(found.map(({ field, message, accounts, isError }) => [field, message, accounts, isError])).toEqual([
    ["caption", "Too long.", ["sa_1", "sa_3"], true],
    ["files", "Cropped.", ["sa_1"], false],
    [{ socialAccountId: "sa_2", part: "caption" }, "Too long.", ["sa_2"], true],
    [{ socialAccountId: "sa_3", part: "privacy" }, "Not on offer.", ["sa_3"], true],
  ]);
});

test("what the button does anyway is no finding: completing the content, and asking for its approval", () => {
  const errors = [
    { code: "CONFLICT" as const, message: "Not completed.", details: { status: "queued" } },
    { code: "APPROVAL_REQUIRED" as const, message: "Pending.", details: {} },
  ];
  expect(findingsOf(answer({ errors }), draft)).toEqual([]);
});

test("a limit of the plan is about the call: what does not fit, and what is left", () => {
  const month = { limit: "postsPerMonth", maximum: 500, resetsAt: "2026-12-01T00:00:00.000Z" };
  const queued = { limit: "queued", maximum: 20, resetsAt: null };
  const of = (details: object) => {
    const errors = [{ code: "PLAN_LIMIT" as const, message: "For programs.", details: { ...details } }];
    return findingsOf(answer({ errors }), draft).map(({ message, field, isError }) => [message, field, isError]);
  };
  expect([
    ...of({ ...month, used: 500 }),
    ...of({ ...month, used: 499 }),
    ...of({ ...queued, used: 20 }),
    ...of({ ...queued, used: 19 }),
  ]).toEqual([
    ["Your plan has 500 posts a month, and all are used. Ask for more, or wait until December 1.", "call", true],
    ["Your plan has 1 of 500 posts left this month. Choose fewer accounts, or wait until December 1.", "call", true],
    ["Your plan allows 20 posts that wait, and as many do. Cancel some, or wait until some are out.", "call", true],
    ["Your plan allows 20 posts that wait: 1 more. Choose fewer accounts, or cancel some.", "call", true],
  ]);
  const near = (details: object) => ({ code: "PLAN_LIMIT_NEAR" as const, message: "", details: { ...details } });
  const warnings = [near({ ...month, used: 400 }), near({ ...queued, used: 16 })];
  const found = findingsOf(answer({ warnings, targets: [verdict("sa_1", [])] }), draft);
  expect(found.map(({ message, field, isError }) => [message, field, isError])).toEqual([
    ["After this, your plan has 99 of 500 posts left this month.", "call", false],
    ["After this, 3 more posts may wait, of the 20 of your plan.", "call", false],
  ]);
});

test("TikTok demands a choice of who sees the post, and of what is advertised", () => {
  const tiktok = newTarget("sa_3", "tiktok");
  const disclosed = { ...tiktok, tiktok: { ...tiktok.tiktok, isDisclosed: true } };
  const missing = missingOf({ ...draft, targets: [disclosed] }, { mayPublish: true });
  expect(missing.map(({ field }) => (typeof field === "string" ? field : field.part))).toEqual([
    "caption",
    "privacy",
    "disclosure",
  ]);
});

test("a platform that takes no text alone says so, and a link goes without files", () => {
  const targets = [newTarget("sa_1", "instagram"), newTarget("sa_2", "threads"), newTarget("sa_3", "youtube")];
  const text = { ...draft, caption: "Rye", targets };
  expect(missingOf(text, { mayPublish: true }).map(({ message }) => message)).toEqual([
    "Instagram has no posts without files. Add a picture or a video, or take this account out.",
    "YouTube has no posts without files. Add a video, or take this account out.",
  ]);
  const link = { url: "https://example.com", title: "", description: "", imageUrl: "" };
  const both = { ...text, files: [{ contentType: "image/jpeg" } as DraftFile], link, targets: [] };
  expect(missingOf(both, { mayPublish: false }).map(({ field }) => field)).toEqual(["link"]);
});

test("what was refused of a text is at the text or its link", () => {
  const at = (path: string) =>
    findingsOfError(
      new ValidationError(
        "No.",
        { code: "VALIDATION", details: { issues: [{ path, message: "No." }] } },
        new ApiResponse(422, new Headers(), "", 1),
      ),
      draft,
      [],
    ).map(({ field }) => field);
  expect([at("text"), at("link.url"), at("link")]).toEqual([["caption"], ["link"], ["link"]]);
});

test("a platform that has no posts with these files says so before the call, and once", () => {
  const files = [{ contentType: "image/jpeg" } as DraftFile];
  const targets = [newTarget("sa_4", "youtube"), newTarget("sa_5", "threads")];
  const pictures = { ...emptyDraft("prj_1"), files, targets };
  const missing = missingOf(pictures, { mayPublish: true });
  expect(missing.map(({ field, isError }) => [field, isError])).toEqual([
    [{ socialAccountId: "sa_4", part: "account" }, true],
  ]);
  const refused = { code: "NOT_PUBLISH_READY", message: "No.", details: { reason: "media_not_supported" } };
  expect(findingsOf(answer({ targets: [verdict("sa_4", [refused])] }), pictures)).toEqual([]);
});

test("what a platform says of its own options is at the options, and of links at the text", () => {
  const targets = [newTarget("sa_4", "youtube")];
  const limit = (reason: string) => ({ code: "PLATFORM_LIMIT", message: reason, details: { reason } });
  const errors = ["title_missing", "tags_length", "caption_characters", "first_comment_links"].map(limit);
  const found = findingsOf(answer({ targets: [verdict("sa_4", errors)] }), { ...emptyDraft("prj_1"), targets });
  expect(found.map(({ field }) => (typeof field === "string" ? field : field.part))).toEqual([
    "options",
    "options",
    "caption",
    "firstComment",
  ]);
});

test("a thread says which part is wrong, and which account has no threads", () => {
  const thread: Draft = {
    ...emptyDraft("prj_1"),
    parts: ["Rye", " "],
    targets: [newTarget("sa_1", "threads"), newTarget("sa_2", "facebook")],
  };
  const refused = {
    code: "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
    message: "No.",
    details: { reason: "parts_not_supported" },
  };
  const long = { ...tooLong, details: { reason: "caption_length", part: 1 } };
  const found = findingsOf(answer({ targets: [verdict("sa_1", [long]), verdict("sa_2", [refused])] }), thread);
  expect(found.map(({ field }) => field)).toEqual(["parts"]);
  expect(missingOf(thread, { mayPublish: true }).map(({ message }) => message)).toEqual([
    "A part is empty. Write a text, or remove the part.",
    "Facebook has no threads. Join the parts into one post for this account, or take it out.",
  ]);
  const joined = { ...thread, targets: thread.targets.map((one) => ({ ...one, joinsParts: true })) };
  expect(missingOf(joined, { mayPublish: true }).map(({ field }) => field)).toEqual(["parts"]);
});

test("captions need a language and an address; a row with neither is left out", () => {
  const missing = (language: string, url: string) => {
    const target = newTarget("sa_4", "youtube");
    const captions = [{ language, name: "", url }];
    const targets = [{ ...target, youtube: { ...target.youtube, captions } }];
    const found = missingOf({ ...emptyDraft("prj_1"), caption: "Hello", targets }, { mayPublish: true });
    return found.filter(({ field }) => typeof field === "object" && field.part === "options").length;
  };
  expect([missing("", " "), missing("de", "https://example.com/de.srt")]).toEqual([0, 0]);
  expect([missing("de", ""), missing("", "https://example.com/de.srt")]).toEqual([1, 1]);
});

test("what a post with extras uses of a shared quota is said at the options", () => {
  const costing = (units: number) => {
    const target = { ...verdict("sa_4", []), quotaCost: { units, unitsPerDay: 10_000 } };
    return findingsOf(answer({ targets: [target] }), emptyDraft("prj_1")).map(({ isError, message }) => [
      isError,
      message,
    ]);
  };
  expect(costing(100)).toEqual([]);
  expect(costing(8150)).toEqual([[false, "Uses 8,150 of the 10,000 quota units a day that all accounts share."]]);
});

test("what a platform charges is said in its currency, to the tenth of a cent", () => {
  const priceOf = (amount: number) => priceText({ amount, currency: "USD" });
  expect([priceOf(0.015), priceOf(0.2), priceOf(1.245)]).toEqual([
    "Costs up to $0.015.",
    "Costs up to $0.20.",
    "Costs up to $1.245.",
  ]);
});

test("a variable without a value is a problem of its text, which says where it gets one", () => {
  const message =
    "`targets[0].captionOverride` names {{city}}, and the project has no such variable. Correct the text.";
  const issues = [{ path: "targets[0].captionOverride", message, code: "unknown_variable" }];
  const error = { code: "VALIDATION", message, details: { issues, reason: "unknown_variable", variables: ["city"] } };
  const answer = {
    errors: [],
    warnings: [],
    targets: [{ socialAccountId: "sa_1", errors: [error], warnings: [], quotaCost: null }],
  };
  const draft = { ...emptyDraft("prj_1"), targets: [newTarget("sa_1", "instagram")] };
  const [found] = findingsOf(answer as unknown as PreflightResult, draft);
  expect([found?.field, found?.message.split(".")[0]]).toEqual(["caption", "{{city}} has no value"]);
});
