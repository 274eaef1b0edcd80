import { CalendarDays, X } from "lucide-react";
import { lazy, Suspense } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";
import { Button } from "../../ui/Button";
import "../../ui/date-time-field.css";
import "../../ui/menu.css";
import { dayOf } from "./search";

const DayCalendar = lazy(() => import("./DayCalendar"));

interface DayJumpProps {
  readonly since: string | undefined;
  /** A list that goes back in time ends with the day instead. */
  readonly isBackwards: boolean;
  readonly onChange: (since: string | undefined) => void;
}

/** Lets the list begin at a day. */
export function DayJump({ since, isBackwards, onChange }: DayJumpProps) {
  const day = dayOf(since) ?? null;
  const word = isBackwards ? "Up to" : "From";
  const name =
    day === null
      ? "Go to a day"
      : `${word} ${new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(day.toDate("UTC"))}`;
  return (
    <span className="day-jump">
      <DialogTrigger>
        <Button kind={day === null ? "quiet" : "plain"}>
          <CalendarDays aria-hidden /> {name}
        </Button>
        <Popover className="popover" placement="bottom start">
          <Dialog className="calendar-dialog" aria-label="Go to a day">
            {({ close }) => (
              <Suspense>
                <DayCalendar
                  day={day}
                  onChoose={(next) => {
                    onChange(next.toString());
                    close();
                  }}
                />
              </Suspense>
            )}
          </Dialog>
        </Popover>
      </DialogTrigger>
      {day !== null && (
        <Button kind="quiet" isIcon aria-label="All days" onPress={() => onChange(undefined)}>
          <X aria-hidden />
        </Button>
      )}
    </span>
  );
}
