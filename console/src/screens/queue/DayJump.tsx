import { CalendarDays, X } from "lucide-react";
import { lazy } from "react";
import { Button } from "../../ui/Button";
import { Overlay } from "../../ui/Overlay";
import { dayOf } from "./filter";

const load = () => import("./DayCalendar");
const DayCalendar = lazy(load);

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
      <Overlay
        kind="dialog"
        load={load}
        trigger={
          <Button kind={day === null ? "quiet" : "plain"}>
            <CalendarDays aria-hidden /> {name}
          </Button>
        }
      >
        {(place) => <DayCalendar day={day} place={place} onChoose={(next) => onChange(next.toString())} />}
      </Overlay>
      {day !== null && (
        <Button kind="quiet" isIcon aria-label="All days" onPress={() => onChange(undefined)}>
          <X aria-hidden />
        </Button>
      )}
    </span>
  );
}
