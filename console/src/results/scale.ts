/** One value at a place of the horizontal axis; null: not known. */
export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number | null;
}

const TICKS = 4;
/** The first and the last label are beside their places, the others around them: these need more room between them. */
const AT_ENDS = 1.5;
const STEPS = [1, 2, 2.5, 5, 10] as const;

/** Returns round values that surround all of these, at equal distances. From 0, if `isFromZero`. */
export function ticksOf(values: readonly number[], isFromZero: boolean): readonly number[] {
  const highest = Math.max(...values, 0);
  const lowest = isFromZero || values.length === 0 ? 0 : Math.min(...values);
  const step = stepOf((highest - lowest) / TICKS);
  const first = Math.floor(lowest / step);
  const last = Math.max(Math.ceil(highest / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, number) => (first + number) * step);
}

/** Returns a round whole number of at least this size: numbers of posts have no fractions. */
function stepOf(size: number): number {
  if (size <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  const step = STEPS.map((one) => one * power).find((one) => one >= size && Number.isInteger(one));
  return step ?? 10 * power;
}

/** A stretch of a line between known points. Where values between them are not known, it is `isGap`. */
export interface Stretch {
  readonly points: readonly (readonly [number, number])[];
  readonly isGap: boolean;
}

/** Returns what is drawn: the stretches of known neighbours, and a gap between one and the next. */
export function stretchesOf(
  points: readonly Point[],
  x: (at: number) => number,
  y: (value: number) => number,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let current: (readonly [number, number])[] = [];
  let isBroken = false;
  for (const { at, value } of points) {
    if (value === null) {
      isBroken = true;
      continue;
    }
    const place = [x(at), y(value)] as const;
    const former = current.at(-1);
    if (isBroken && former !== undefined) {
      stretches.push({ points: current, isGap: false }, { points: [former, place], isGap: true });
      current = [];
    }
    isBroken = false;
    current.push(place);
  }
  if (current.length > 0) stretches.push({ points: current, isGap: false });
  return stretches;
}

/**
 * Returns the places at which the horizontal axis has labels: the first and the last, and those between them that are at least
 * `distance` from each other as `x` places them.
 */
export function labelsOf(points: readonly Point[], x: (at: number) => number, distance: number): readonly number[] {
  const [first, last] = [points[0]?.at, points.at(-1)?.at];
  if (first === undefined || last === undefined || first === last) return points.slice(0, 1).map(({ at }) => at);
  const chosen = [first];
  for (const { at } of points) {
    const former = x(at) - x(chosen.at(-1) ?? first);
    if (former >= (chosen.length > 1 ? 1 : AT_ENDS) * distance && x(last) - x(at) >= AT_ENDS * distance)
      chosen.push(at);
  }
  return [...chosen, last];
}

/** Returns the point that is nearest to a place. */
export function nearestTo(at: number, points: readonly Point[]): Point | undefined {
  let nearest: Point | undefined;
  for (const point of points) {
    if (nearest === undefined || Math.abs(point.at - at) < Math.abs(nearest.at - at)) nearest = point;
  }
  return nearest;
}
