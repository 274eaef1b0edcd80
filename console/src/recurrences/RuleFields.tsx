import { useMemo } from "react";
import { WEEKDAYS } from "../queues/slots";
import { CheckboxList } from "../ui/CheckboxList";
import { Select } from "../ui/Select";
import { TextField } from "../ui/TextField";
import { exactTime } from "../ui/times";
import "./recurrences.css";
import { datesOf, type RuleFields as Fields, isComplete, ruleSentence } from "./rule";

const UNITS = [
  { id: "day", label: "days" },
  { id: "week", label: "weeks" },
  { id: "month", label: "months" },
] as const;
const ENDS = [
  { id: "never", label: "Until I end it" },
  { id: "until", label: "Until a day" },
  { id: "count", label: "A number of times" },
] as const;
const DAYS = WEEKDAYS.map(({ id, label }) => ({ value: id, label }));
const SHOWN_DATES = 5;

interface RuleFieldsProps {
  readonly rule: Fields;
  readonly zone: string;
  readonly issues: Readonly<Record<string, string>>;
  readonly onChange: (change: Partial<Fields>) => void;
}

/** When a post goes out again and again, with the rule in words and its first dates. */
export function RuleFields({ rule, zone, issues, onChange }: RuleFieldsProps) {
  return (
    <>
      <div className="rule-row">
        <NumberBox
          label="Every"
          value={rule.every}
          error={issues["rule.every"]}
          onChange={(every) => onChange({ every })}
        />
        <Select label="Unit" choices={UNITS} value={rule.unit} onChange={(unit) => onChange({ unit })} />
        {rule.unit === "month" && (
          <NumberBox
            label="On day"
            value={rule.monthDay}
            error={issues["rule.monthDay"]}
            onChange={(monthDay) => onChange({ monthDay })}
          />
        )}
        <label className="field">
          <span className="rule-label">At</span>
          <input
            type="time"
            className="input"
            value={rule.time}
            onChange={({ target }) => onChange({ time: target.value })}
          />
        </label>
      </div>
      {rule.unit === "week" && (
        <CheckboxList label="On" choices={DAYS} value={rule.weekdays} onChange={(weekdays) => onChange({ weekdays })} />
      )}
      <div className="rule-row">
        <Select label="How long" choices={ENDS} value={rule.end} onChange={(end) => onChange({ end })} />
        {rule.end === "until" && (
          <label className="field">
            <span className="rule-label">Last day</span>
            <input
              type="date"
              className="input"
              value={rule.until}
              onChange={({ target }) => onChange({ until: target.value })}
            />
            {issues["until"] !== undefined && <span className="error">{issues["until"]}</span>}
          </label>
        )}
        {rule.end === "count" && (
          <NumberBox
            label="Times"
            value={rule.count}
            error={issues["count"]}
            onChange={(count) => onChange({ count })}
          />
        )}
      </div>
      <Dates rule={rule} zone={zone} />
    </>
  );
}

/** The rule in words and its first dates, as they are typed. */
function Dates({ rule, zone }: Pick<RuleFieldsProps, "rule" | "zone">) {
  const dates = useMemo(() => datesOf(rule, zone, SHOWN_DATES + 1), [rule, zone]);
  if (!isComplete(rule)) return <p className="soft">Choose when it goes out.</p>;
  return (
    <div className="rule-dates" role="status">
      <strong>{ruleSentence(rule)}</strong>
      {dates.length === 0 && <p className="soft small">No date is ahead. Choose a later end.</p>}
      <ul>
        {dates.slice(0, SHOWN_DATES).map((date) => (
          <li key={date.getTime()}>{exactTime(date, zone)}</li>
        ))}
        {dates.length > SHOWN_DATES && <li className="soft">and so on</li>}
      </ul>
    </div>
  );
}

interface NumberBoxProps {
  readonly label: string;
  readonly value: number;
  readonly error: string | undefined;
  readonly onChange: (value: number) => void;
}

function NumberBox({ label, value, error, onChange }: NumberBoxProps) {
  return (
    <TextField
      label={label}
      inputMode="numeric"
      value={value === 0 ? "" : String(value)}
      onChange={(text) => onChange(Number(text.replace(/\D/g, "")))}
      error={error}
    />
  );
}
