import { ChevronLeft, ChevronRight } from "lucide-react";
import { CalendarCell, CalendarGrid, Heading } from "react-aria-components";
import { SlotButton } from "./SlotButton";
import "./date-time-field.css";

/** A month to choose a day from, within a calendar of the library. */
export function CalendarBody() {
  return (
    <>
      <header>
        <SlotButton slot="previous">
          <ChevronLeft aria-hidden />
        </SlotButton>
        <Heading />
        <SlotButton slot="next">
          <ChevronRight aria-hidden />
        </SlotButton>
      </header>
      <CalendarGrid className="calendar-grid">
        {(date) => <CalendarCell className="calendar-cell" date={date} />}
      </CalendarGrid>
    </>
  );
}
