import type { CalendarDate } from "@internationalized/date";
import { Calendar, Dialog, Popover } from "react-aria-components";
import { CalendarBody } from "../../ui/CalendarBody";
import "../../ui/date-time-field.css";
import "../../ui/menu.css";
import type { OverlayPlace } from "../../ui/Overlay";

interface DayCalendarProps {
  readonly day: CalendarDate | null;
  readonly place: OverlayPlace;
  readonly onChoose: (day: CalendarDate) => void;
}

/** A month to choose a day from. */
export default function DayCalendar({ day, place, onChoose }: DayCalendarProps) {
  return (
    <Popover className="popover" placement="bottom start" {...place}>
      <Dialog className="calendar-dialog" aria-label="Go to a day">
        <Calendar
          aria-label="Day"
          autoFocus
          value={day}
          onChange={(next) => {
            onChoose(next);
            place.onOpenChange(false);
          }}
        >
          <CalendarBody />
        </Calendar>
      </Dialog>
    </Popover>
  );
}
