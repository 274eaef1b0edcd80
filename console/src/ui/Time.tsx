import { dayTime, exactTime, foreignClock, relativeTime, shortTime, viewerZone } from "./times";
import { useNow } from "./useNow";

/** The time moves on in steps: what was made since the last one is not in the future. */
function isJustNow(instant: Date, now: Date): boolean {
  return instant > now && instant <= new Date();
}

interface TimeProps {
  /** ISO 8601. */
  readonly at: string;
  readonly isRelative?: boolean;
  /** "tomorrow 09:00" for a day that is near. */
  readonly isDay?: boolean;
  /** The project's zone, an IANA name. */
  readonly zone?: string | undefined;
}

/** An instant in the project's zone, with its name where the viewer's clock differs. The title has the exact time, and the viewer's own. */
export function Time({ at, isRelative = false, isDay = false, zone }: TimeProps) {
  const now = useNow();
  const instant = new Date(at);
  const own = viewerZone();
  const clock = foreignClock(instant, zone, own);
  const exact = exactTime(instant, zone);
  const title = clock === null ? exact : `${exact}; for you ${exactTime(instant, own)}`;
  return (
    <time dateTime={at} title={title}>
      {isRelative ? relativeTime(instant, isJustNow(instant, now) ? instant : now) : (isDay ? dayTime : shortTime)(instant, now, zone)}
      {!isRelative && clock !== null && <span className="soft"> {clock}</span>}
    </time>
  );
}
