import { type PointerEvent, useLayoutEffect, useRef, useState } from "react";
import { Fold } from "../ui/Fold";
import "./chart.css";
import { UNKNOWN } from "./metrics";
import { labelsOf, nearestTo, type Point, stretchesOf, ticksOf } from "./scale";

const HEIGHT = 220;
const TOP = 8;
const BOTTOM = 24;
const RIGHT = 12;
const LETTER = 6.4;
const BETWEEN = 20;
const DIGIT = 7;
const FIRST_WIDTH = 640;
const DOTS_UP_TO = 45;

export interface LineChartProps {
  /** What the chart shows: "Views by day". */
  readonly title: string;
  readonly points: readonly Point[];
  /** The line of the period before, at the places of this one. */
  readonly before?: readonly Point[] | undefined;
  readonly format: (value: number) => string;
  /** What a place is called at the axis: "28 Nov". */
  readonly shortLabel: (at: number) => string;
  /** What it is called in the table. */
  readonly label: (at: number) => string;
  /** What the first column of the table is called. */
  readonly column: string;
  /** What was counted so far, such as followers, is not drawn from 0. */
  readonly isFromZero?: boolean;
}

/** A line, drawn as SVG, with a table of the same values. What is not known is a gap, never 0. */
export default function LineChart(props: LineChartProps) {
  const { title, points, before, format, shortLabel, label, column, isFromZero = true } = props;
  const [near, setNear] = useState<number | null>(null);
  const [frame, width] = useWidth();
  const known = points.filter(({ value }) => value !== null);
  const ticks = ticksOf(
    [...points, ...(before ?? [])].flatMap(({ value }) => (value === null ? [] : [value])),
    isFromZero,
  );
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const left = 12 + DIGIT * Math.max(...ticks.map((tick) => format(tick).length));
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 1];
  const x = (at: number) => left + ((at - first) / Math.max(last - first, 1)) * (width - left - RIGHT);
  const y = (value: number) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const distance = BETWEEN + LETTER * Math.max(...[first, last].map((at) => shortLabel(at).length));
  const stretches = stretchesOf(points, x, y);
  const shown = (near === null ? undefined : points.find(({ at }) => at === near)) ?? known.at(-1);
  const onPointerMove = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>) => {
    const box = currentTarget.getBoundingClientRect();
    const place = ((clientX - box.left) / box.width) * width;
    const at = first + ((place - left) / (width - left - RIGHT)) * (last - first);
    setNear(nearestTo(at, points)?.at ?? null);
  };
  return (
    <figure className="chart" ref={frame}>
      <figcaption>
        <strong>{title}</strong>
        {shown !== undefined && (
          <span className="soft small" aria-hidden>
            {label(shown.at)}: {shown.value === null ? UNKNOWN : format(shown.value)}
          </span>
        )}
      </figcaption>
      {known.length === 0 ? (
        <p className="soft chart-empty">No number is known for this time.</p>
      ) : (
        <svg
          viewBox={`0 0 ${width} ${HEIGHT}`}
          role="img"
          aria-label={summaryOf(title, known, format, label)}
          onPointerMove={onPointerMove}
          onPointerLeave={() => setNear(null)}
        >
          {ticks.map((tick) => (
            <g key={tick}>
              <line className="chart-grid" x1={left} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
              <text className="chart-text" x={left - 8} y={y(tick) + 4} textAnchor="end">
                {format(tick)}
              </text>
            </g>
          ))}
          {labelsOf(points, x, distance).map((at, place, all) => (
            <text
              key={at}
              className="chart-text"
              x={x(at)}
              y={HEIGHT - 6}
              textAnchor={
                all.length === 1 || (place > 0 && place < all.length - 1) ? "middle" : place === 0 ? "start" : "end"
              }
            >
              {shortLabel(at)}
            </text>
          ))}
          {before !== undefined &&
            stretchesOf(before, x, y).map(({ points: some, isGap }) =>
              isGap ? null : <polyline key={some.join()} className="chart-before" points={some.join(" ")} />,
            )}
          {stretches.map(({ points: some, isGap }) => (
            <polyline key={some.join()} className={isGap ? "chart-gap" : "chart-line"} points={some.join(" ")} />
          ))}
          {near !== null && <line className="chart-near" x1={x(near)} x2={x(near)} y1={TOP} y2={HEIGHT - BOTTOM} />}
          {known.map(({ at, value }) =>
            at === near || known.length <= DOTS_UP_TO ? (
              <circle key={at} className="chart-dot" cx={x(at)} cy={y(value ?? 0)} r={at === near ? 4 : 2.5} />
            ) : null,
          )}
        </svg>
      )}
      {before !== undefined && <p className="soft small chart-key">The thin line is the period before.</p>}
      <Fold title={<span className="soft">Show as a table</span>}>
        <ChartTable {...props} column={column} />
      </Fold>
    </figure>
  );
}

function ChartTable({ title, points, before, format, label, column }: LineChartProps) {
  const text = (value: number | null | undefined) => (value === null || value === undefined ? UNKNOWN : format(value));
  return (
    <table className="chart-table" aria-label={title}>
      <thead>
        <tr>
          <th scope="col">{column}</th>
          <th scope="col">{before === undefined ? "Value" : "This period"}</th>
          {before !== undefined && <th scope="col">Period before</th>}
        </tr>
      </thead>
      <tbody>
        {points.map(({ at, value }, place) => (
          <tr key={at}>
            <th scope="row">{label(at)}</th>
            <td>{text(value)}</td>
            {before !== undefined && <td>{text(before[place]?.value)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Returns what the picture says, for those who do not see it. */
function summaryOf(
  title: string,
  known: readonly Point[],
  format: (value: number) => string,
  label: (at: number) => string,
): string {
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return title;
  const highest = known.reduce((best, point) => ((point.value ?? 0) > (best.value ?? 0) ? point : best), first);
  const parts = [first, highest, last].map(({ at, value }) => `${format(value ?? 0)} on ${label(at)}`);
  return `${title}: ${parts[0]}, at most ${parts[1]}, at last ${parts[2]}. The table below has all values.`;
}

/** Returns the width of a chart, in CSS pixels, also after it changes. */
function useWidth() {
  const frame = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(FIRST_WIDTH);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => setWidth(Math.max(Math.round(element.clientWidth), 240));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
