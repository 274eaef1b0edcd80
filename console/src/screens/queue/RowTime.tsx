import type { CalendarDate } from "@internationalized/date";
import { dateOf } from "../../posts/days";
import { exactTime, foreignClock, shortTime, timeOfDay, viewerZone } from "../../ui/times";
import { useNow } from "../../ui/useNow";

interface RowTimeProps {
  readonly at: string;
  /** The project's zone. */
  readonly zone: string;
  /** The day of the heading above it; without it, or on another day, the date is shown, too. */
  readonly day?: CalendarDate | undefined;
}

/** When a row is due, in the project's zone. The title has the exact time, and the viewer's own. */
export function RowTime({ at, zone, day }: RowTimeProps) {
  const now = useNow();
  const instant = new Date(at);
  const own = viewerZone();
  const clock = foreignClock(instant, zone, own);
  const isThatDay = day !== undefined && day.compare(dateOf(at, zone)) === 0;
  const exact = exactTime(instant, zone);
  return (
    <time
      className="queue-when"
      dateTime={at}
      title={clock === null ? exact : `${exact}; for you ${exactTime(instant, own)}`}
    >
      {isThatDay ? timeOfDay(instant, zone) : shortTime(instant, now, zone)}
      {clock !== null && <span className="soft"> {clock}</span>}
    </time>
  );
}
