import { parseAbsolute, type ZonedDateTime } from "@internationalized/date";

/** Where posts are moved: all to one instant, or each by the same time. */
export type Move =
  | { readonly to: ZonedDateTime }
  | { readonly by: number; readonly unit: "hours" | "days"; readonly isEarlier: boolean };

/** Returns the new time of a post. Days keep the time of day in the project's zone, also when clocks change. */
export function movedTime(scheduledFor: string, move: Move, zone: string): Date {
  if ("to" in move) return move.to.toDate();
  const before = parseAbsolute(scheduledFor, zone);
  const duration = { [move.unit]: move.by };
  return (move.isEarlier ? before.subtract(duration) : before.add(duration)).toDate();
}

const HORIZON_DAYS = 365;

/** Returns why no post can have this time, to follow "It would be"; null if one can. */
export function timeRefusalOf(time: Date, now: Date): string | null {
  if (time.getTime() < now.getTime()) return "in the past";
  return time.getTime() > now.getTime() + HORIZON_DAYS * 86_400_000 ? `more than ${HORIZON_DAYS} days ahead` : null;
}
