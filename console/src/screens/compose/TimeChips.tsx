import { parseZonedDateTime, toZoned, type ZonedDateTime } from "@internationalized/date";
import { CalendarClock } from "lucide-react";
import type { Dispatch } from "react";
import { Dialog, DialogTrigger, Popover, ToggleButton } from "react-aria-components";
import { Button } from "../../ui/Button";
import { DateTimeField } from "../../ui/DateTimeField";
import { shortTime, viewerZone } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import type { Action, Draft } from "./draft";
import { Findings } from "./Findings";
import type { Finding } from "./findings";
import { instantOf, inZones } from "./intention";
import { inAnHour, isOver, nextHour, tomorrowAtNine } from "./times";

interface TimeChipsProps {
  readonly draft: Draft;
  /** The project's zone. */
  readonly zone: string;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** When it goes out: now, at a usual time, or at one that is picked, in the project's zone. */
export function TimeChips({ draft, zone, findings, nameOf, dispatch }: TimeChipsProps) {
  const now = useNow();
  const { laterAt } = draft;
  const instant = instantOf(draft);
  const set = (time: ZonedDateTime | null) => dispatch({ type: "when", laterAt: time?.toString() ?? null });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of buttons is no fieldset
    <div className="time-chips" role="group" aria-label="When it goes out">
      <ToggleButton className="time-chip" isSelected={laterAt === null} onChange={() => set(null)}>
        Now
      </ToggleButton>
      <Button kind="quiet" onPress={() => set(inAnHour(zone))}>
        In 1 h
      </Button>
      <Button kind="quiet" onPress={() => set(tomorrowAtNine(zone))}>
        Tomorrow 9:00
      </Button>
      <DialogTrigger onOpenChange={(isOpen) => isOpen && laterAt === null && set(nextHour(zone))}>
        <span>
          <Button
            kind={laterAt === null ? "quiet" : "plain"}
            {...(laterAt !== null && { "aria-description": "chosen" })}
          >
            <CalendarClock aria-hidden />
            {instant === null ? "Pick a time" : shortTime(new Date(instant), now, zone)}
          </Button>
          <span hidden data-field="when" />
        </span>
        <Popover className="popover time-picker" placement="top start">
          <Dialog aria-label="Pick a time" className="time-dialog">
            {laterAt !== null && instant !== null && (
              <>
                <DateTimeField
                  label={zone === viewerZone() ? "Date and time" : `Date and time in ${zone}`}
                  value={toZoned(parseZonedDateTime(laterAt), zone)}
                  onChange={(time) => time !== null && set(time)}
                  error={isOver(laterAt) ? "This time is over. Choose a later one." : undefined}
                />
                <p className="soft small">{inZones(instant, zone)}</p>
                <Findings findings={findings} field="when" place="when inside" nameOf={nameOf} />
              </>
            )}
          </Dialog>
        </Popover>
      </DialogTrigger>
    </div>
  );
}
