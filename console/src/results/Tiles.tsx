import { Link } from "@tanstack/react-router";
import { type Change, type MetricName, metricName, metricText, UNKNOWN } from "./metrics";
import "./results.css";

export interface Tile {
  readonly metric: MetricName;
  readonly value: number | null;
  readonly change?: Change | null;
}

interface TilesProps {
  readonly label: string;
  readonly tiles: readonly Tile[];
  /** The metric whose line is shown. */
  readonly current: MetricName;
  /** Why a number is not known. */
  readonly whyUnknown: (metric: MetricName) => string;
}

/** Numbers, of which each leads to its line over time. What is not known is a dash with the reason. */
export function Tiles({ label, tiles, current, whyUnknown }: TilesProps) {
  return (
    <ul className="tiles" aria-label={label}>
      {tiles.map(({ metric, value, change }) => (
        <li key={metric}>
          <Link
            className="tile"
            to="."
            search={(before: Readonly<Record<string, unknown>>) => ({ ...before, metric })}
            replace
            resetScroll={false}
            activeOptions={{ exact: true, explicitUndefined: true }}
            {...(metric === current && { "aria-current": true })}
            {...(value === null && { title: whyUnknown(metric) })}
          >
            <span className="soft small">{metricName(metric)}</span>
            <span className="tile-value">
              {value === null ? (
                <>
                  <span aria-hidden>{UNKNOWN}</span>
                  <span className="visually-hidden">{`not known: ${whyUnknown(metric)}`}</span>
                </>
              ) : (
                metricText(metric, value)
              )}
            </span>
            {change && (
              <span className={`small tile-change ${change.isUp ? "up" : change.isDown ? "down" : ""}`}>
                {change.text}
              </span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}
