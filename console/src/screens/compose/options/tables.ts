import type { PlatformName } from "presswork-client";
import { memberOf, membersOf, type OptionMember } from "../../../platforms/descriptions";
import { isAccountList } from "../accounts";
import type { OptionField } from "./fields";

const upperCase = (word: string) => word.toUpperCase();
const hashless = (word: string) => word.replace(/^#+/, "");

/** How some members are asked for, beyond what their schemas say. */
const INPUTS: Readonly<Record<string, Partial<Pick<Extract<OptionField, { kind: "list" }>, "placeholder" | "tidy">>>> =
  {
    allowlistedCountryCodes: { placeholder: "DE, AT, CH", tidy: upperCase },
    categoryId: { placeholder: "22" },
    countries: { placeholder: "DE, AT, CH", tidy: upperCase },
    defaultLanguage: { placeholder: "en" },
    languages: { placeholder: "en, pt-BR" },
    quotePostId: { placeholder: "18043215612345678" },
    tags: { placeholder: "bread, sourdough", tidy: hashless },
  };
/** Members that a form of their own asks for: `YouTubeExtras`. */
const ASKED_ELSEWHERE: ReadonlySet<string> = new Set(["thumbnail", "playlistIds", "captions"]);
/** A list whose absence, as opposed to an empty one, is a choice of its own. */
const REPLIES = { all: "Everyone", some: "Only some", none: "No other account" };

/** Returns the title that a video has without one of its own: the first line of the caption. */
export function titleOf(caption: string): string {
  const [line = ""] = caption.trim().split("\n");
  return [...line.trim()].slice(0, memberOf("youtube", "title").maxLength).join("").trimEnd();
}

/** Returns the names of the options that are those of one account, such as a board. */
export function accountOptions(platform: PlatformName): readonly string[] {
  return membersOf(platform).flatMap(({ name, schema }) => (isAccountList(schema["x-choices"]) ? [name] : []));
}

/** Returns the options of a platform that has no panel of its own, as the server declares them. */
export function optionFields(platform: PlatformName): readonly OptionField[] {
  return membersOf(platform)
    .filter(({ name }) => !ASKED_ELSEWHERE.has(name))
    .map((member) => fieldOf(platform, member));
}

function fieldOf(platform: PlatformName, { name, mediaTypes, schema }: OptionMember, isPart = false): OptionField {
  const values = schema.enum ?? schema.items?.enum ?? [];
  const labels = values.map((id) => ({ id, label: schema["x-labels"]?.[id] ?? id }));
  const unset = schema["x-unset"] === undefined ? [] : [{ id: "unset", label: schema["x-unset"] }];
  const [first, ...others] = [...unset, ...labels]; // the default first
  const common = { name, label: schema.title ?? name, media: mediaTypes, ...hintOf(schema) };
  if (schema.properties !== undefined) {
    const parts = Object.entries(schema.properties).map(([part, of]) =>
      fieldOf(platform, { name: part, mediaTypes, schema: of }, true),
    );
    return { kind: "group", ...common, fields: parts };
  }
  const list = schema["x-choices"];
  if (isAccountList(list)) return { kind: "account", ...common, list };
  if (schema.type === "integer") return { kind: "frame", ...common };
  if (schema.type === "boolean") return { kind: "flag", ...common, isOn: schema["x-default"] === true };
  if (schema.type === "array" && first !== undefined) {
    const groups = name === "replyControl" ? { groups: REPLIES } : {};
    return { kind: "several", ...common, choices: labels, ...groups };
  }
  if (schema.type === "array" && isPart) {
    const { maxItems: count = 1, ...described } = schema; // the description names the number
    return { kind: "lines", ...common, ...hintOf(described), count, maxLength: schema.items?.maxLength ?? 0 };
  }
  if (schema.type === "array") return { kind: "list", ...common, ...INPUTS[name] };
  if (first !== undefined) return { kind: "choice", ...common, choices: [first, ...others] };
  return {
    kind: "text",
    ...common,
    ...INPUTS[name],
    ...(schema.maxLength !== undefined && { maxLength: schema.maxLength }),
    ...(platform === "youtube" && name === "title" && { fallback: titleOf }),
  };
}

/** Returns what the description adds to the label, and how many a list may have. */
function hintOf(schema: OptionMember["schema"]) {
  const { description = "", enum: values, type, maxItems, items } = schema;
  const sentences = description.replaceAll("`", "").match(/[^.]+\.(?:\s|$)/g) ?? [];
  const isChoice =
    type === "boolean" || values !== undefined || items?.enum !== undefined || isAccountList(schema["x-choices"]);
  const added = isChoice ? sentences.slice(1).filter((sentence) => !sentence.startsWith("Default")) : sentences;
  const count = maxItems !== undefined && !isChoice ? `Up to ${maxItems}.` : "";
  const hint = [...added.map((sentence) => sentence.trim()), count].join(" ").trim();
  return hint === "" ? {} : { hint };
}
