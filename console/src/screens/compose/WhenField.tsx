import { now as nowIn, parseZonedDateTime, toZoned, type ZonedDateTime } from "@internationalized/date";
import type { Dispatch } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import { DateTimeField } from "../../ui/DateTimeField";
import { viewerZone } from "../../ui/times";
import type { Action, Draft } from "./draft";
import { Findings } from "./Findings";
import type { Finding } from "./findings";
import { instantOf, inZones } from "./intention";
import "./when-field.css";

interface WhenFieldProps {
  readonly draft: Draft;
  /** The project's zone. */
  readonly zone: string;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** Now, or at a time in the project's zone. A sentence names the instant, also in the viewer's zone. */
export function WhenField({ draft, zone, findings, nameOf, dispatch }: WhenFieldProps) {
  const { laterAt } = draft;
  const instant = instantOf(draft);
  const set = (time: ZonedDateTime | null) => {
    if (time !== null) dispatch({ type: "when", laterAt: time.toString() });
  };
  return (
    <div className="when-field">
      <RadioGroup
        className="radios"
        value={laterAt === null ? "now" : "later"}
        onChange={(kind) => dispatch({ type: "when", laterAt: kind === "now" ? null : nextHour(zone).toString() })}
      >
        <Label className="visually-hidden">When it goes out</Label>
        <Radio value="now" className="radio">
          Now
        </Radio>
        <Radio value="later" className="radio">
          At a time
        </Radio>
      </RadioGroup>
      {laterAt !== null && instant !== null && (
        <>
          <DateTimeField
            label={zone === viewerZone() ? "Date and time" : `Date and time in ${zone}`}
            value={toZoned(parseZonedDateTime(laterAt), zone)}
            onChange={set}
            error={isPast(instant) ? "This time is over. Choose a later one." : undefined}
          />
          <p className="soft small">{inZones(instant, zone)}</p>
        </>
      )}
      <Findings findings={findings} field="when" nameOf={nameOf} />
    </div>
  );
}

function nextHour(zone: string): ZonedDateTime {
  return nowIn(zone).add({ hours: 1 }).set({ minute: 0, second: 0, millisecond: 0 });
}

function isPast(instant: string): boolean {
  return Date.parse(instant) < Date.now();
}
