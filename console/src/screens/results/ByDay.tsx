import type { InsightsGroup } from "presswork-client";
import { useMemo } from "react";
import { Chart } from "../../results/Chart";
import { type MetricName, metricName, metricText } from "../../results/metrics";
import { longDay, placeOf, type Span, shortDay } from "../../results/ranges";
import type { Point } from "../../results/scale";

interface ByDayProps {
  readonly metric: MetricName;
  readonly span: Span;
  readonly rows: readonly InsightsGroup[];
  readonly before: { readonly span: Span; readonly rows: readonly InsightsGroup[] | undefined };
}

/** The chosen number by the day on which the posts went live, with the time before as a thin line. */
export function ByDay({ metric, span, rows, before }: ByDayProps) {
  const points = useMemo(() => pointsOf(metric, rows, span, span), [metric, rows, span]);
  const former = useMemo(
    () => before.rows && pointsOf(metric, before.rows, before.span, span),
    [metric, before.rows, before.span, span],
  );
  return (
    <Chart
      title={`${metricName(metric)} by day`}
      points={points}
      before={former?.some(({ value }) => value !== null) ? former : undefined}
      format={(value) => metricText(metric, value)}
      shortLabel={shortDay}
      label={longDay}
      column="Day"
    />
  );
}

/** Returns the values of the days of a span, at the places of another one that is as long. */
function pointsOf(metric: MetricName, rows: readonly InsightsGroup[], span: Span, at: Span): readonly Point[] {
  const values = new Map(rows.map(({ key, metrics }) => [key, metrics[metric] ?? null]));
  return span.days.map((day, place) => ({
    at: placeOf(at.days[place] ?? day),
    value: values.get(day.toString()) ?? null,
  }));
}
