import { RANGES, type Span } from "../../results/ranges";
import type { ResultsSearch } from "./search";

interface RangeChoiceProps {
  readonly search: ResultsSearch;
  /** The days that are shown. */
  readonly span: Span;
  readonly onChange: (changes: Pick<ResultsSearch, "range" | "since" | "until">) => void;
}

const NO_DAYS = { since: undefined, until: undefined } as const;

/** Chooses the last days, or a first and a last day. */
export function RangeChoice({ search, span, onChange }: RangeChoiceProps) {
  const [first, last] = [span.days[0]?.toString() ?? "", span.days.at(-1)?.toString() ?? ""];
  const chosen = search.range ?? "28";
  return (
    <div className="range-choice">
      {/* biome-ignore lint/a11y/useSemanticElements: buttons are no fieldset */}
      <div role="group" className="range-choices" aria-label="Time">
        {RANGES.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            aria-pressed={chosen === id}
            onClick={() => onChange({ range: id === "28" ? undefined : id, ...NO_DAYS })}
          >
            {label}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={chosen === "own"}
          onClick={() => onChange({ range: "own", since: first, until: last })}
        >
          Own
        </button>
      </div>
      {chosen === "own" && (
        <>
          <DayField
            label="From"
            value={first}
            onChange={(since) => onChange({ range: "own", ...ordered(since, last) })}
          />
          <DayField
            label="to"
            value={last}
            onChange={(until) => onChange({ range: "own", ...ordered(first, until) })}
          />
        </>
      )}
    </div>
  );
}

/** Two days, the earlier one first. */
function ordered(since: string, until: string) {
  return since <= until ? { since, until } : { since: until, until: since };
}

interface DayFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (day: string) => void;
}

function DayField({ label, value, onChange }: DayFieldProps) {
  return (
    <label className="day-field small">
      <span className="soft">{label}</span>
      <input
        key={value}
        className="input"
        type="date"
        defaultValue={value}
        required
        onBlur={({ currentTarget }) => {
          if (currentTarget.value !== "" && currentTarget.value !== value) onChange(currentTarget.value);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === "Enter") currentTarget.blur();
        }}
      />
    </label>
  );
}
