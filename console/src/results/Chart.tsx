import { lazy, Suspense } from "react";
import { Skeleton } from "../ui/Skeleton";
import type { LineChartProps } from "./LineChart";

const LineChart = lazy(() => import("./LineChart"));

/** A line with its table, whose program is loaded when one is shown. */
export function Chart(props: LineChartProps) {
  return (
    <Suspense fallback={<Skeleton height="276px" />}>
      <LineChart {...props} />
    </Suspense>
  );
}
