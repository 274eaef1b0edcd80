import { describe, expect, test } from "vitest";
import { NO_LINK } from "../../content/links";
import { type Call, creationOf, hasNoTexts, type SavedTexts, targetsOf, textChange } from "./call";
import { codeOf } from "./code";
import { type Draft, type DraftFile, emptyDraft, newTarget, type TargetDraft, type YouTubeChoices } from "./draft";
import type { OptionValues } from "./options/fields";

const picture = { id: "f", contentType: "image/jpeg", altText: "", assetId: "ast_1" } as DraftFile;
const saved: SavedTexts = {
  parts: [],
  caption: "Bread",
  firstComment: null,
  altTexts: new Map([["ast_1", null]]),
  labels: [],
};
const draft: Draft = {
  ...emptyDraft("prj_1"),
  containerId: "cnt_1",
  files: [picture],
  caption: "Bread",
  targets: [newTarget("sa_1", "instagram")],
};

describe("the call of a draft", () => {
  test("has only what a person has chosen", () => {
    expect(targetsOf(draft, saved)).toEqual([{ socialAccountId: "sa_1", mode: "publish" }]);
    expect(textChange(draft, saved)).toBeNull();
  });

  test("changes the texts of the content that it made, and overrides those of other content", () => {
    const other = { ...draft, caption: "Rolls", isOwn: false };
    expect(textChange({ ...other, isOwn: true }, saved)).toEqual({ caption: "Rolls" });
    expect(textChange(other, saved)).toBeNull();
    expect(targetsOf(other, saved)[0]).toMatchObject({ captionOverride: "Rolls" });
  });

  test("says on TikTok what may not be done, and nothing about videos with a picture", () => {
    const target = newTarget("sa_2", "tiktok");
    const tiktok = { ...target.tiktok, privacyLevel: "SELF_ONLY" as const, allowsComments: true };
    expect(targetsOf({ ...draft, targets: [{ ...target, tiktok }] }, null)[0]?.tiktokPostSettings).toEqual({
      privacyLevel: "SELF_ONLY",
      disableComment: false,
      isBrandOrganic: false,
      isBrandedContent: false,
    });
  });

  test("has the options of a platform under its name, and only what differs from the default", () => {
    const of = (platform: "threads" | "facebook" | "youtube" | "bluesky" | "x", options: OptionValues) =>
      targetsOf({ ...draft, targets: [{ ...newTarget("sa_3", platform), options }] }, null)[0];
    expect(of("threads", { replyControl: "everyone", topicTag: " ", isSpoilerMedia: false })).toEqual({
      socialAccountId: "sa_3",
      mode: "publish",
    });
    expect(of("threads", { replyControl: "followers_only", allowlistedCountryCodes: "de, at,de," })).toMatchObject({
      threadsPostSettings: { replyControl: "followers_only", allowlistedCountryCodes: ["DE", "AT"] },
    });
    expect(of("youtube", { title: "Three loaves ", tags: "#bread, rye", embeddable: false })).toMatchObject({
      youtubePostSettings: { title: "Three loaves", tags: ["bread", "rye"], embeddable: false },
    });
    expect(of("facebook", { placement: "story" })).toEqual({
      socialAccountId: "sa_3",
      mode: "publish",
      captionOverride: "",
      firstCommentOverride: "",
      facebookPostSettings: { placement: "story" },
    });
    expect(of("bluesky", { replyControl: [], contentLabels: [] })?.blueskyPostSettings).toEqual({ replyControl: [] });
    expect(of("x", { replySettings: "unset" })?.xPostSettings).toBe(undefined);
    expect(of("x", { replySettings: "following" })?.xPostSettings).toEqual({ replySettings: "following" });
  });

  test("has a poll with a text once it is written, with the time that is chosen first", () => {
    const of = (platform: "threads" | "linkedin", poll: OptionValues) =>
      targetsOf({ ...draft, files: [], targets: [{ ...newTarget("sa_3", platform), options: { poll } }] }, null)[0];
    const options = ["", " Rye", "Spelt", ""];
    expect(of("threads", { options })?.threadsPostSettings?.poll).toEqual({ options: ["Rye", "Spelt"] });
    expect(of("linkedin", { question: "Which loaf?", options })?.linkedinPostSettings?.poll).toEqual({
      question: "Which loaf?",
      options: ["Rye", "Spelt"],
      duration: "ONE_DAY",
    });
    expect(of("linkedin", { question: " ", options: [""] })?.linkedinPostSettings).toBe(undefined);
  });

  test("has what is added to a live video: a frame before an address, and captions that are complete", () => {
    const of = (part: Partial<YouTubeChoices>) => {
      const target = newTarget("sa_3", "youtube");
      const [sent] = targetsOf({ ...draft, targets: [{ ...target, youtube: { ...target.youtube, ...part } }] }, null);
      return sent?.youtubePostSettings;
    };
    expect(of({})).toBe(undefined);
    expect(of({ thumbnailMs: 0, thumbnailUrl: "https://example.com/a.jpg" })).toEqual({
      thumbnail: { timestampMs: 0 },
    });
    const captions = [
      { language: "de ", name: "", url: " https://example.com/de.srt" },
      { language: "", name: "", url: "" },
      { language: "", name: "SDH", url: "https://example.com/x.srt" },
    ];
    expect(of({ thumbnailUrl: " https://example.com/a.jpg", playlistIds: ["PLa"], captions })).toEqual({
      thumbnail: { url: "https://example.com/a.jpg" },
      playlistIds: ["PLa"],
      captions: [{ language: "de", url: "https://example.com/de.srt" }],
    });
  });

  test("has no options in a draft on a phone, and no TikTok settings for another platform", () => {
    const target = { ...newTarget("sa_3", "threads", "draft"), options: { topicTag: "Bread" } };
    const [sent] = targetsOf({ ...draft, targets: [target] }, null);
    expect(sent).toEqual({ socialAccountId: "sa_3", mode: "draft" });
    expect(targetsOf({ ...draft, targets: [newTarget("sa_3", "threads")] }, null)[0]?.tiktokPostSettings).toBe(
      undefined,
    );
  });

  test("has no text with a story", () => {
    const target = newTarget("sa_1", "instagram");
    const story = { ...target, instagram: { ...target.instagram, isStory: true } };
    expect(targetsOf({ ...draft, targets: [story] }, null)[0]).toMatchObject({
      captionOverride: "",
      firstCommentOverride: "",
      instagramPostSettings: { placement: "story" },
    });
  });

  test("is no story any more with a second picture", () => {
    const target = newTarget("sa_1", "instagram");
    const story = { ...target, instagram: { ...target.instagram, isStory: true, locationId: "7" } };
    expect(targetsOf({ ...draft, files: [picture, picture], targets: [story] }, null)).toEqual([
      { socialAccountId: "sa_1", mode: "publish", instagramPostSettings: { locationId: "7" } },
    ]);
    expect([hasNoTexts(story, "image"), hasNoTexts(story, "multi")]).toEqual([true, false]);
  });
});

const call: Call = {
  creation: null,
  containerId: "cnt_1",
  change: null,
  targets: [
    {
      socialAccountId: "sa_1",
      mode: "publish",
      captionOverride: 'It\'s "warm" 🥐\n$HOME',
      tiktokPostSettings: { disableComment: true, privacyLevel: "SELF_ONLY" },
    },
  ],
  scheduledFor: null,
  queue: null,
  idempotencyKey: "k-1",
};

describe("a post without files", () => {
  const text = {
    ...draft,
    files: [],
    containerId: null,
    link: { url: " example.com/menu", title: "Menu ", description: "", imageUrl: "" },
  };

  test("is created with its text and what was typed of its link", () => {
    expect(creationOf(text)).toEqual({
      projectId: "prj_1",
      text: "Bread",
      link: { url: "https://example.com/menu", title: "Menu" },
    });
  });

  test("changes the link of the content that it made, and removes it", () => {
    const none: SavedTexts = { parts: [], caption: "Bread", firstComment: null, altTexts: new Map(), labels: [] };
    const kept = { ...text, savedLink: text.link };
    expect(textChange(kept, none)).toBeNull();
    expect(textChange({ ...kept, link: NO_LINK }, none)).toEqual({ link: null });
    expect(textChange({ ...kept, link: { ...text.link, title: "" } }, none)).toEqual({
      link: { url: "https://example.com/menu" },
    });
    expect(textChange({ ...kept, isOwn: false, link: NO_LINK }, none)).toBeNull();
  });

  test("is created first by its program, whose calls name the new content", () => {
    const created = { ...call, creation: creationOf(text) };
    const curl = codeOf(created, "curl", "http://localhost:8000");
    expect(curl).toMatch(
      /^CONTENT=\$\(curl [^|]*projects\/prj_1\/content'[^|]*Key: k-1-content'[^|]*\| jq -r \.id\)\n/,
    );
    expect(curl).toContain(`'http://localhost:8000/v1/content/'"$CONTENT"'/publish'`);
    expect(codeOf(created, "python", "x")).toMatch(
      /content = presswork\.content\.create\(\n {4}project_id="prj_1",[^)]*\)\nanswer = [^(]*\(\n {4}container_id=content\.id,/,
    );
    expect(codeOf(created, "typescript", "x")).toMatch(/const content = await [^;]*;\n[^;]*containerId: content\.id,/);
  });
});

describe("a thread", () => {
  const thread = { ...draft, containerId: null, files: [], parts: ["Six new loaves", "Rye"] };
  const on = (platform: "threads" | "instagram", more: Partial<TargetDraft> = {}) => ({
    ...newTarget("sa_1", platform),
    caption: "Own",
    ...more,
  });

  test("is created and changed by its parts, which have no override", () => {
    const parts = [{ text: "Six new loaves" }, { text: "Rye" }];
    expect(creationOf(thread)).toEqual({ projectId: "prj_1", parts });
    const before = { ...saved, parts: ["Rye", "Spelt"], caption: "Rye\n\nSpelt" };
    expect(textChange(thread, before)).toEqual({ parts });
    expect(textChange({ ...thread, isOwn: false }, before)).toBeNull();
    expect(textChange(thread, { ...before, parts: thread.parts })).toBeNull();
    const targets = [on("threads"), on("instagram", { joinsParts: true }), on("threads", { mode: "draft" })];
    expect(targetsOf({ ...thread, targets }, before).map(({ socialAccountId: _, ...target }) => target)).toEqual([
      { mode: "publish" },
      { mode: "publish", joinParts: true },
      { mode: "draft" },
    ]);
  });

  test("is made of a long text where there are threads", () => {
    const targets = [on("threads", { split: "numbered" }), on("instagram", { split: "plain" })];
    expect(targetsOf({ ...draft, targets }, null).map(({ autoSplit }) => autoSplit)).toEqual([
      { numbering: true },
      undefined,
    ]);
  });
});

describe("the call as code", () => {
  test("curl quotes what a shell would read", () => {
    const code = codeOf(call, "curl", "http://localhost:8000");
    expect(code).toContain("curl -sS --fail-with-body -X POST 'http://localhost:8000/v1/content/cnt_1/publish'");
    expect(code).toContain('-H "Authorization: Bearer $PRESSWORK_API_KEY"');
    expect(code).toContain(`It'\\''s \\"warm\\" 🥐\\n$HOME`);
  });

  test("Python has the client's names and literals", () => {
    const code = codeOf({ ...call, scheduledFor: "2026-12-01T08:00:00Z" }, "python", "http://localhost:8000");
    expect(code).toContain("presswork.publishing.schedule(");
    expect(code).toContain('"social_account_id": "sa_1"');
    expect(code).toContain('"disable_comment": True');
    expect(code).toContain('scheduled_for="2026-12-01T08:00:00Z"');
    expect(code).toContain('idempotency_key="k-1"');
  });

  test("a change of texts comes first, under its own idempotency key", () => {
    const changed = { ...call, change: { caption: "Rolls" } };
    expect(codeOf(changed, "typescript", "http://localhost:8000")).toMatch(
      /content\.update\(\{[^}]*caption: "Rolls",\n\}, \{ idempotencyKey: "k-1-texts" \}\);\nconst answer = await presswork\.publishing\.publishNow\(/,
    );
    expect(codeOf(changed, "curl", "x").indexOf("PATCH")).toBeLessThan(codeOf(changed, "curl", "x").indexOf("POST"));
  });
});
