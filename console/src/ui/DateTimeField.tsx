import type { ZonedDateTime } from "@internationalized/date";
import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import {
  DatePicker as AriaDatePicker,
  Calendar,
  CalendarCell,
  CalendarGrid,
  DateInput,
  DateSegment,
  Dialog,
  FieldError,
  Group,
  Heading,
  Label,
  Popover,
} from "react-aria-components";
import { Button } from "./Button";
import "./date-time-field.css";
import "./field.css";
import "./menu.css";
import { refusedBy } from "./validation";

interface DateTimeFieldProps {
  readonly label: string;
  /** With its zone, which the field shows. */
  readonly value: ZonedDateTime | null;
  readonly onChange: (value: ZonedDateTime | null) => void;
  readonly error?: string | undefined;
}

/** A date with a time of day in a zone, typed or chosen from a calendar. */
export function DateTimeField({ label, value, onChange, error }: DateTimeFieldProps) {
  return (
    <AriaDatePicker
      className="field"
      granularity="minute"
      hourCycle={24}
      value={value}
      onChange={onChange}
      {...refusedBy(error)}
      shouldForceLeadingZeros
    >
      <Label>{label}</Label>
      <Group className="input date-time">
        <DateInput className="date-input">
          {(segment) => <DateSegment className="segment" segment={segment} />}
        </DateInput>
        <Button kind="quiet" isIcon>
          <CalendarDays aria-hidden />
        </Button>
      </Group>
      <FieldError className="error">{error}</FieldError>
      <Popover className="popover">
        <Dialog className="calendar-dialog">
          <Calendar>
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
          </Calendar>
        </Dialog>
      </Popover>
    </AriaDatePicker>
  );
}
