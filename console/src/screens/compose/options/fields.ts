import type { MediaType } from "presswork-client";
import type { AccountList } from "../accounts";

/** What a person chose for an option. Only what differs from the default is stored and sent. */
export type OptionValue = string | boolean | readonly string[] | OptionValues;
/** The same as it is sent. */
export type SentValue = OptionValue | number;
export interface OptionValues {
  readonly [name: string]: OptionValue;
}

interface Common {
  /** As the API calls it. */
  readonly name: string;
  readonly label: string;
  /** Shown below the field. */
  readonly hint?: string;
  /** The media types that can carry it; without them, all. */
  readonly media?: readonly MediaType[];
}

interface Choice {
  readonly id: string;
  readonly label: string;
}

/** One of several values; the first one is the default, which is not sent. */
interface ChoiceField extends Common {
  readonly kind: "choice";
  readonly choices: readonly [Choice, ...Choice[]];
}

/** One of what the account has on its network, by its id. */
interface AccountField extends Common {
  readonly kind: "account";
  readonly list: AccountList;
}

/** A frame of the video, in milliseconds from its start. */
interface FrameField extends Common {
  readonly kind: "frame";
}

/** Yes or no. */
interface FlagField extends Common {
  readonly kind: "flag";
  readonly isOn: boolean;
}

/** A line of text. Empty is the default. */
interface TextFieldOption extends Common {
  readonly kind: "text";
  readonly maxLength?: number;
  readonly placeholder?: string;
  /** What is used without it, from the caption. */
  readonly fallback?: (caption: string) => string;
}

/** Words or codes, separated by commas. */
interface ListField extends Common {
  readonly kind: "list";
  readonly placeholder?: string;
  /** How each one is written. */
  readonly tidy?: (word: string) => string;
}

/** Any number of several values. With `groups`, a choice between all, none and some of them comes first. */
interface SeveralField extends Common {
  readonly kind: "several";
  readonly choices: readonly Choice[];
  readonly groups?: { readonly all: string; readonly none: string; readonly some: string };
}

/** A few lines of text, each in a field of its own. */
interface LinesField extends Common {
  readonly kind: "lines";
  readonly count: number;
  readonly maxLength: number;
}

/** Fields that are sent together, or not at all: once one of them is written. */
interface GroupField extends Common {
  readonly kind: "group";
  readonly fields: readonly OptionField[];
}

/** An option of a platform, as the form shows it. */
export type OptionField =
  | ChoiceField
  | AccountField
  | FrameField
  | FlagField
  | TextFieldOption
  | ListField
  | SeveralField
  | LinesField
  | GroupField;

/** Returns the options that these files can carry. Before there are any, all are shown. */
export function fieldsFor(fields: readonly OptionField[], mediaType: MediaType | null): readonly OptionField[] {
  return fields.filter(({ media }) => mediaType === null || media === undefined || media.includes(mediaType));
}

/** Returns what is sent of the chosen values: those that differ from the default, and that the files can carry. */
export function settingsOf(
  fields: readonly OptionField[],
  values: OptionValues,
  mediaType: MediaType | null,
): Readonly<Record<string, SentValue>> {
  const sent = fieldsFor(fields, mediaType).flatMap((field) => {
    const value = sentValue(field, values[field.name]);
    return value === undefined ? [] : [[field.name, value] as const];
  });
  return Object.fromEntries(sent);
}

function sentValue(field: OptionField, value: OptionValue | undefined): SentValue | undefined {
  if (value === undefined) return undefined;
  switch (field.kind) {
    case "choice":
      return value === field.choices[0].id ? undefined : value;
    case "flag":
      return value === field.isOn ? undefined : value;
    case "frame":
      return value === "" ? undefined : Number(value);
    case "text":
    case "account":
      return String(value).trim() || undefined;
    case "list": {
      const words = wordsOf(field, String(value));
      return words.length === 0 ? undefined : words;
    }
    case "several":
      return field.groups === undefined && value.toString() === "" ? undefined : value;
    case "lines": {
      const lines = linesOf(value).map((line) => line.trim());
      return lines.some((line) => line !== "") ? lines.filter((line) => line !== "") : undefined;
    }
    case "group": {
      const values = groupOf(value);
      const sent = field.fields.flatMap((part) => {
        const own = sentValue(part, values[part.name]);
        return own === undefined ? [] : [[part.name, own] as const];
      });
      if (sent.length === 0) return undefined;
      const first = field.fields.flatMap((part) => (part.kind === "choice" ? [[part.name, part.choices[0].id]] : []));
      return Object.fromEntries([...first, ...sent]);
    }
  }
}

/** Returns the lines of a value, with those that are empty. */
export function linesOf(value: OptionValue | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** Returns the values of a group. */
export function groupOf(value: SentValue | undefined): OptionValues {
  return typeof value === "object" && !Array.isArray(value) ? (value as OptionValues) : {};
}

/** Returns the words of a list as they are sent: each once, in their order. */
export function wordsOf(field: Pick<ListField, "tidy">, text: string): readonly string[] {
  const words = text.split(/[,\n]/).map((word) => field.tidy?.(word.trim()) ?? word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}

/** Returns values without one that is the default again. */
export function withValue(field: OptionField, values: OptionValues, value: OptionValue | undefined): OptionValues {
  const { [field.name]: _, ...others } = values;
  // A text that is being typed is kept as it is, with a comma or a space at its end.
  const isKept = value !== undefined && (typeof value === "string" ? value !== "" : true);
  return isKept && (sentValue(field, value) !== undefined || typeof value === "string")
    ? { ...others, [field.name]: value }
    : others;
}
