import {
  APIStatusError,
  type EstimatedCost,
  type PreflightResult,
  type TargetParam,
  ValidationError,
} from "presswork-client";
import { messageOf } from "../../api/errors";
import { MAX_FILES, MAX_MIXED } from "../../api/maxima";
import { descriptionOf } from "../../platforms/descriptions";
import { exceededText, nearText } from "../../usage/postLimit";
import { canThread } from "./call";
import type { Draft } from "./draft";
import { isDocument, isVideo, kindOf } from "./draft";
import { isOver } from "./later";

/** Where a finding is shown. Those of a target name its account. */
export type Field =
  | "files"
  | "caption"
  | "parts"
  | "firstComment"
  | "link"
  | "when"
  | "accounts"
  | "call"
  | { readonly socialAccountId: string; readonly part: TargetPart };

export type TargetPart = "account" | "caption" | "firstComment" | "privacy" | "disclosure" | "music" | "options";

/** Something to fix or to know, beside the field that it concerns. */
export interface Finding {
  readonly isError: boolean;
  readonly message: string;
  readonly field: Field;
  /** The accounts that it concerns; empty: the content itself. */
  readonly accounts: readonly string[];
}

interface Reported {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What the draft itself explains: it is finalized, and asked for review, by the button. */
const EXPECTED: ReadonlySet<string> = new Set(["APPROVAL_REQUIRED", "CONFLICT"]);

/** What may be over before the post is due: a post waits for it, so it does not speak against the call. */
const PASSING: ReadonlySet<string> = new Set([
  "PLATFORM_RATE_LIMITED",
  "PLATFORM_UNAVAILABLE",
  "OPERATOR_PHONE_UNVERIFIED",
]);

/** Units of a video with its first comment. */
const LOW_UNITS = 100;

/** Returns the findings of a preflight, those of several accounts with the same sentence as one. */
export function findingsOf(answer: PreflightResult, draft: Draft): readonly Finding[] {
  const content = answer.errors
    .filter(({ code }) => !EXPECTED.has(code))
    .map((error): Finding => {
      if (error.code === "PLAN_LIMIT") return ofLimit(error);
      return { isError: true, message: error.message, field: "files", accounts: [] };
    });
  const call = answer.warnings.map(({ message, details }): Finding => {
    const sentence = nearText(details, answer.targets.length) ?? message;
    return { isError: false, message: sentence, field: "call", accounts: [] };
  });
  const targets = answer.targets.flatMap(({ socialAccountId, errors, warnings, quotaCost }) => [
    ...costOf(socialAccountId, quotaCost),
    ...errors.flatMap((error) => ofReport(error, !PASSING.has(error.code), socialAccountId, draft)),
    ...warnings.flatMap((warning) => ofReport(warning, false, socialAccountId, draft)),
  ]);
  return merged([...content, ...call, ...targets]);
}

/** Says which limit of the organization the call would exceed. */
function ofLimit({ message, details }: Reported): Finding {
  return { isError: true, message: exceededText(details) ?? message, field: "call", accounts: [] };
}

/** Says what a post with extras uses of a quota that all accounts share; others use little. */
function costOf(socialAccountId: string, cost: PreflightResult["targets"][number]["quotaCost"]): readonly Finding[] {
  if (cost === null || cost.units <= LOW_UNITS) return [];
  const message = `Uses ${cost.units.toLocaleString("en")} of the ${cost.unitsPerDay.toLocaleString("en")} quota units a day that all accounts share.`;
  return [{ isError: false, message, field: { socialAccountId, part: "options" }, accounts: [socialAccountId] }];
}

/** Says what posts cost, where a platform charges for them. */
export function priceText({ amount, currency }: EstimatedCost): string {
  const price = new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 3 }).format(amount);
  return `Costs up to ${price}.`;
}

/** Returns the findings of a refused call. */
export function findingsOfError(error: unknown, draft: Draft, targets: readonly TargetParam[]): readonly Finding[] {
  if (error instanceof ValidationError && error.issues.length > 0) {
    return merged(
      error.issues.map(({ path, message, code }): Finding => {
        const index = /^targets\[(\d+)\]/.exec(path)?.[1];
        const account = index === undefined ? undefined : targets[Number(index)]?.socialAccountId;
        const field = account === undefined ? contentField(path) : targetField(path, account, draft);
        const sentence = issueSentence({ path, message, code });
        return { isError: true, message: sentence, field, accounts: account === undefined ? [] : [account] };
      }),
    );
  }
  if (error instanceof APIStatusError) {
    const account = error.details["socialAccountId"];
    const report = { code: error.code ?? "", message: error.message, details: error.details };
    if (typeof account === "string") return ofReport(report, true, account, draft);
    if (error.code === "PLAN_LIMIT") return [ofLimit(report)];
    if (error.code?.startsWith("MEDIA_")) {
      // Of a draft without files, it is the picture of the card.
      const field = draft.files.length === 0 ? "link" : "files";
      return [{ isError: true, message: error.message, field, accounts: [] }];
    }
  }
  return [{ isError: true, message: messageOf(error), field: "call", accounts: [] }];
}

interface ReportedIssue {
  readonly path: string;
  readonly message: string;
  readonly code?: string | undefined;
}

/** Says what an issue is about; of a variable without a value, where a person gives it one. */
function issueSentence({ message, code }: ReportedIssue): string {
  const names = code === "unknown_variable" ? (message.match(/\{\{\s*\w+\s*\}\}/g) ?? []) : [];
  if (names.length === 0) return message;
  const has = names.length === 1 ? "has no value" : "have no values";
  return `${names.join(", ")} ${has}. Correct the text, or set ${names.length === 1 ? "it" : "them"} under “Texts and links” of the project.`;
}

function contentField(path: string): Field {
  if (path === "scheduledFor") return "when";
  if (path === "caption" || path === "firstComment") return path;
  if (path === "text") return "caption";
  if (path === "link" || path.startsWith("link.")) return "link";
  if (path.startsWith("parts")) return "parts";
  return path.startsWith("media") || path.startsWith("files") ? "files" : "call";
}

function ofReport(report: Reported, isError: boolean, account: string, draft: Draft): readonly Finding[] {
  const { code, message, details } = report;
  const isKnown = details["reason"] === "media_not_supported" || details["reason"] === "parts_not_supported";
  if (isKnown && refusalOf(draft, account) !== null) return []; // see missingOf
  if (code === "APPROVAL_REQUIRED" && details["reason"] !== "text_not_approved") return [];
  const issues = details["issues"];
  if (Array.isArray(issues)) {
    return issues.map((issue: ReportedIssue) => ({
      isError,
      message: issueSentence(issue),
      field: targetField(issue.path, account, draft),
      accounts: [account],
    }));
  }
  return [{ isError, message, field: fieldOf(code, details, account, draft), accounts: [account] }];
}

const CAPTION: ReadonlySet<string> = new Set([
  "caption_length",
  "hashtags",
  "mentions",
  "caption_links",
  "caption_characters",
  "text_missing",
  "part_count",
  "part_unsplittable",
  "CAPTION_NEAR_LIMIT",
  "TOO_MANY_HASHTAGS",
  "CAPTION_NOT_DELIVERED",
  "CAPTION_ON_PAGE",
]);
const COMMENT: ReadonlySet<string> = new Set([
  "first_comment_length",
  "first_comment_links",
  "comment_length",
  "COMMENT_UNSUPPORTED",
  "COMMENT_NOT_PERMITTED",
]);
const PRIVACY: ReadonlySet<string> = new Set(["privacy_level", "no_privacy_level", "private_branded_content"]);
const MUSIC: ReadonlySet<string> = new Set(["MUSIC_IGNORED", "MUSIC_NOT_CHOSEN"]);
const OPTIONS: ReadonlySet<string> = new Set([
  "cover_timestamp",
  "cover_index",
  "title_length",
  "title_missing",
  "board_missing",
  "board_unknown",
  "title_characters",
  "tags_length",
  "user_tag_item",
  "share_permission",
  "page_visibility",
  "units",
  "poll_link",
  "OPTIONS_IGNORED",
  "EXTRA_NOT_PERMITTED",
  "EXTRA_ADAPTED",
]);
const MEDIA: ReadonlySet<string> = new Set(["MEDIA_CONVERTED", "MEDIA_CROPPED", "UNUSUAL_RATIO", "MEDIA_LINKED"]);
const MEDIA_REASONS: ReadonlySet<string> = new Set([
  "ratio",
  "duration",
  "size",
  "dimensions",
  "item_count",
  "page_count",
]);

function fieldOf(
  code: string,
  details: Readonly<Record<string, unknown>>,
  socialAccountId: string,
  draft: Draft,
): Field {
  const reason = String(details["reason"] ?? "");
  if (typeof details["part"] === "number" && draft.parts.length > 0) return "parts";
  const is = (names: ReadonlySet<string>) => names.has(code) || names.has(reason);
  if (is(CAPTION) || reason === "text_not_approved") return textField("caption", socialAccountId, draft);
  if (is(COMMENT)) return textField("firstComment", socialAccountId, draft);
  if (is(PRIVACY)) return { socialAccountId, part: "privacy" };
  if (is(MUSIC)) return { socialAccountId, part: "music" };
  if (is(OPTIONS)) return { socialAccountId, part: "options" };
  if (is(MEDIA) || MEDIA_REASONS.has(reason)) return "files";
  return { socialAccountId, part: "account" };
}

/** Returns the field of a path like `targets[3].tiktokPostSettings.privacyLevel`. */
function targetField(path: string, socialAccountId: string, draft: Draft): Field {
  const name = path.replace(/^targets\[\d+\]\.?/, "");
  if (name.startsWith("captionOverride")) return textField("caption", socialAccountId, draft);
  if (name.startsWith("firstCommentOverride")) return textField("firstComment", socialAccountId, draft);
  if (name.endsWith("privacyLevel")) return { socialAccountId, part: "privacy" };
  if (name.startsWith("tiktokMusic")) return { socialAccountId, part: "music" };
  return { socialAccountId, part: /Settings|shareReelToFeed/.test(name) ? "options" : "account" };
}

/** A text is shown at the target if the target has its own, else at the content. */
function textField(part: "caption" | "firstComment", socialAccountId: string, draft: Draft): Field {
  const target = draft.targets.find((one) => one.socialAccountId === socialAccountId);
  return target !== undefined && target[part] !== null ? { socialAccountId, part } : part;
}

/** Returns findings, those of several accounts with the same sentence as one. */
export function merged(findings: readonly Finding[]): readonly Finding[] {
  const byKey = new Map<string, Finding>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.field, finding.message, finding.isError]);
    const accounts = new Set([...(byKey.get(key)?.accounts ?? []), ...finding.accounts]);
    byKey.set(key, { ...finding, accounts: [...accounts] });
  }
  return [...byKey.values()];
}

/** Returns what is missing in the draft before the API could be asked at all. */
export function missingOf(
  draft: Draft,
  options: { readonly mayPublish: boolean; readonly now?: number },
): readonly Finding[] {
  const findings: Finding[] = [];
  const missing = (field: Field, message: string, accounts: readonly string[] = []) =>
    findings.push({ isError: true, message, field, accounts });
  if (kindOf(draft) === null) missing("caption", "Write a text, or add files.");
  if (draft.files.length > 0 && draft.link.url.trim() !== "") {
    missing("link", "A link's card goes only without files. Remove the link, or the files.");
  }
  if (draft.isOwn && draft.parts.length > 0 && draft.files.length > 0) {
    missing("files", "A thread that is written here has texts only. Remove the files, or make it one post.");
  }
  if (draft.parts.length > 0 && draft.files.length === 0 && draft.parts.some((text) => text.trim() === "")) {
    missing("parts", "A part is empty. Write a text, or remove the part.");
  }
  const problem = groupingProblem(draft);
  if (problem !== null) missing("files", problem);
  if (!options.mayPublish) return findings;
  if (draft.laterAt !== null && options.now !== undefined && isOver(draft.laterAt, options.now)) {
    missing("when", "This time is over. Choose a later one.");
  }
  if (draft.targets.length === 0) missing("accounts", "Choose at least one account.");
  for (const { socialAccountId, platform, mode, tiktok, youtube } of draft.targets) {
    const refusal = refusalOf(draft, socialAccountId);
    if (refusal !== null) missing({ socialAccountId, part: "account" }, refusal, [socialAccountId]);
    if (youtube.captions.some(({ language, url }) => (language.trim() === "") !== (url.trim() === ""))) {
      const text = "Give each file of captions its language and its address, or remove it.";
      missing({ socialAccountId, part: "options" }, text, [socialAccountId]);
    }
    if (platform !== "tiktok" || mode !== "publish") continue;
    if (tiktok.privacyLevel === null) {
      missing({ socialAccountId, part: "privacy" }, "Choose who can see it.", [socialAccountId]);
    }
    if (tiktok.isDisclosed && !tiktok.isBrandOrganic && !tiktok.isBrandedContent) {
      const text = "You need to indicate if your content promotes yourself, a third party, or both.";
      missing({ socialAccountId, part: "disclosure" }, text, [socialAccountId]);
    }
  }
  return findings;
}

/** Returns why the platform of an account has no such posts; null: it has, or there is nothing yet. */
export function refusalOf(
  draft: Pick<Draft, "files" | "caption" | "parts" | "link" | "targets">,
  socialAccountId: string,
): string | null {
  const target = draft.targets.find((one) => one.socialAccountId === socialAccountId);
  const mediaType = kindOf(draft);
  if (target === undefined || mediaType === null) return null;
  const { title, mediaTypes } = descriptionOf(target.platform);
  if (mediaTypes.includes(mediaType)) {
    if (draft.parts.length === 0 || canThread(target) || target.joinsParts) return null;
    const where = target.mode === "publish" ? "" : " in this mode";
    return `${title} has no threads${where}. Join the parts into one post for this account, or take it out.`;
  }
  const isOnlyVideo = mediaTypes.join() === "video";
  if (mediaType === "text") {
    return `${title} has no posts without files. Add a ${isOnlyVideo ? "video" : "picture or a video"}, or take this account out.`;
  }
  return isOnlyVideo
    ? `${title} takes one video, and no pictures. Take this account out, or use a video.`
    : `${title} has no posts with these files. Take this account out, or use other files.`;
}

/** Returns why the files can't be one post; null: they can. */
export function groupingProblem({ files }: Pick<Draft, "files">): string | null {
  if (files.length > 1 && files.some(isDocument)) return "A PDF is a post of its own. Remove the others, or the PDF.";
  const [max, what] = files.some(isVideo) ? [MAX_MIXED, "pictures and videos"] : [MAX_FILES, "pictures"];
  return files.length > max ? `A post has up to ${max} ${what}. Remove ${files.length - max}.` : null;
}

/** Whether a finding belongs to a field. */
export function isAt(finding: Finding, field: Field): boolean {
  if (typeof field === "string" || typeof finding.field === "string") return finding.field === field;
  return finding.field.socialAccountId === field.socialAccountId && finding.field.part === field.part;
}
