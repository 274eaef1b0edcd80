import type { Limits } from "presswork-client";
import { TextField } from "../../ui/TextField";
import { LIMIT_NAMES, LIMITS, type LimitName, limitOf, limitText } from "../../usage/limits";

export type LimitTexts = Readonly<Record<LimitName, string>>;

/** Returns what the fields contain for some limits. */
export function textsOf(limits: Limits | undefined): LimitTexts {
  const texts = LIMIT_NAMES.map((name) => [name, limitText(name, limits?.[name] ?? null)] as const);
  return Object.fromEntries(texts) as LimitTexts;
}

/** Returns the limits that the fields say; null while one is no number. */
export function limitsOf(texts: LimitTexts): Partial<Limits> | null {
  const read = LIMIT_NAMES.map((name) => [name, limitOf(name, texts[name])] as const);
  return read.some(([, limit]) => limit === undefined) ? null : (Object.fromEntries(read) as Partial<Limits>);
}

/** The fields that say something other than the number beside it on the page about usage. */
const LABELS: Partial<Record<LimitName, string>> = { postsPerMonth: "Posts a month", mediaBytes: "Media, in GB" };

interface LimitFieldsProps {
  readonly texts: LimitTexts;
  readonly onChange: (texts: LimitTexts) => void;
}

/** A field for each limit. */
export function LimitFields({ texts, onChange }: LimitFieldsProps) {
  return (
    <div className="limit-fields">
      {LIMIT_NAMES.map((name) => (
        <TextField
          key={name}
          label={LABELS[name] ?? LIMITS[name]}
          inputMode="decimal"
          placeholder="No limit"
          value={texts[name]}
          onChange={(text) => onChange({ ...texts, [name]: text })}
          error={limitOf(name, texts[name]) === undefined ? "Enter a number, or leave it empty." : undefined}
        />
      ))}
    </div>
  );
}
