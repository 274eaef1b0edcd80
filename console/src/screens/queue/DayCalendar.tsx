import type { CalendarDate } from "@internationalized/date";
import { Calendar } from "react-aria-components";
import { CalendarBody } from "../../ui/CalendarBody";

interface DayCalendarProps {
  readonly day: CalendarDate | null;
  readonly onChoose: (day: CalendarDate) => void;
}

/** A month to choose a day from. */
export default function DayCalendar({ day, onChoose }: DayCalendarProps) {
  return (
    <Calendar aria-label="Day" autoFocus value={day} onChange={onChoose}>
      <CalendarBody />
    </Calendar>
  );
}
