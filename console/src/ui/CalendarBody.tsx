import { ChevronLeft, ChevronRight } from "lucide-react";
import { CalendarCell, CalendarGrid, Heading } from "react-aria-components";
import { Button } from "./Button";
import "./date-time-field.css";

/** A month to choose a day from, within a calendar of the library. */
export function CalendarBody() {
  return (
    <>
      <header>
        <Button slot="previous" kind="quiet" isIcon>
          <ChevronLeft aria-hidden />
        </Button>
        <Heading />
        <Button slot="next" kind="quiet" isIcon>
          <ChevronRight aria-hidden />
        </Button>
      </header>
      <CalendarGrid className="calendar-grid">
        {(date) => <CalendarCell className="calendar-cell" date={date} />}
      </CalendarGrid>
    </>
  );
}
