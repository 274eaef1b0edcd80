import type { ZonedDateTime } from "@internationalized/date";
import { CalendarDays } from "lucide-react";
import {
  DatePicker as AriaDatePicker,
  Calendar,
  DateInput,
  DateSegment,
  Dialog,
  FieldError,
  Group,
  Label,
  Popover,
} from "react-aria-components";
import { CalendarBody } from "./CalendarBody";
import { SlotButton } from "./SlotButton";
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
        <SlotButton>
          <CalendarDays aria-hidden />
        </SlotButton>
      </Group>
      <FieldError className="error">{error}</FieldError>
      <Popover className="popover">
        <Dialog className="calendar-dialog">
          <Calendar>
            <CalendarBody />
          </Calendar>
        </Dialog>
      </Popover>
    </AriaDatePicker>
  );
}
