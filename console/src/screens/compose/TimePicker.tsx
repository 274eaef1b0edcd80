import { parseZonedDateTime, toZoned, type ZonedDateTime } from "@internationalized/date";
import { Dialog, Popover } from "react-aria-components";
import { DateTimeField } from "../../ui/DateTimeField";
import type { OverlayPlace } from "../../ui/Overlay";
import { viewerZone } from "../../ui/times";
import { Findings } from "./Findings";
import { instantOf, inZones } from "./intention";
import { isOver } from "./later";
import type { TimeChipsProps } from "./TimeChips";

interface TimePickerProps extends Omit<TimeChipsProps, "dispatch"> {
  readonly place: OverlayPlace;
  readonly onChange: (time: ZonedDateTime) => void;
}

/** Any time, in the project's zone. */
export default function TimePicker({ draft, zone, findings, nameOf, place, onChange }: TimePickerProps) {
  const { laterAt } = draft;
  const instant = instantOf(draft);
  return (
    <Popover className="popover time-picker" placement="top start" {...place}>
      <Dialog aria-label="Pick a time" className="time-dialog">
        {laterAt !== null && instant !== null && (
          <>
            <DateTimeField
              label={zone === viewerZone() ? "Date and time" : `Date and time in ${zone}`}
              value={toZoned(parseZonedDateTime(laterAt), zone)}
              onChange={(time) => time !== null && onChange(time)}
              error={isOver(laterAt) ? "This time is over. Choose a later one." : undefined}
            />
            <p className="soft small">{inZones(instant, zone)}</p>
            <Findings findings={findings} field="when" place="when inside" nameOf={nameOf} />
          </>
        )}
      </Dialog>
    </Popover>
  );
}
