/** The numbers that mean the same on each platform, in the order in which they are shown. */
export const METRICS = [
  "views",
  "reach",
  "likes",
  "comments",
  "shares",
  "saves",
  "clicks",
  "follows",
  "watchSeconds",
  "averageWatchSeconds",
] as const;

export type MetricName = (typeof METRICS)[number];

/** Numbers by name; null: not known, which is not 0. */
export type Numbers = Readonly<Partial<Record<MetricName, number | null>>>;

const NAMES: Readonly<Record<MetricName, string>> = {
  views: "Views",
  reach: "Reach",
  likes: "Likes",
  comments: "Comments",
  shares: "Shares",
  saves: "Saves",
  clicks: "Clicks",
  follows: "New followers",
  watchSeconds: "Watch time",
  averageWatchSeconds: "Average watch time",
};

/** What stands for a number that is not known. */
export const UNKNOWN = "–";

/** Returns the name of a metric: "Watch time". */
export function metricName(metric: MetricName): string {
  return NAMES[metric];
}

/** Returns the metric that an address names; undefined for another text. */
export function metricOf(text: string | undefined): MetricName | undefined {
  return METRICS.find((one) => one === text);
}

/** Returns the first metric that is known of any of these; the first of all if none is. */
export function firstKnown(rows: readonly { readonly metrics: Numbers }[]): MetricName {
  return METRICS.find((metric) => rows.some(({ metrics }) => (metrics[metric] ?? null) !== null)) ?? METRICS[0];
}

/** Returns a number as people read it: "1,204", "3 h 20 min", or a dash for one that is not known. */
export function metricText(metric: MetricName, value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  if (metric === "watchSeconds" || metric === "averageWatchSeconds") return durationText(value);
  return Math.round(value).toLocaleString("en");
}

/** Returns a duration in the two largest units that it has: "2 d 3 h", "3 h 20 min", "4 min 5 s", "7.5 s". */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${(Math.round(seconds * 10) / 10).toLocaleString("en")} s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count.toLocaleString("en")} ${unit}`)
    .join(" ");
}

/** How a number differs from the one before. */
export interface Change {
  /** "+12 %", "−3 %", "no change" */
  readonly text: string;
  readonly isUp: boolean;
  readonly isDown: boolean;
}

/** Returns how a number differs from the one before; null where one of them is not known, or the one before is 0. */
export function changeOf(now: number | null | undefined, before: number | null | undefined): Change | null {
  if (now === null || now === undefined || before === null || before === undefined || before === 0) return null;
  const percent = Math.round(((now - before) / before) * 100);
  if (percent === 0) return { text: "no change", isUp: false, isDown: false };
  const size = Math.abs(percent).toLocaleString("en");
  return { text: `${percent > 0 ? "+" : "−"}${size} %`, isUp: percent > 0, isDown: percent < 0 };
}

/** Whether numbers of several posts add up. An average does not. */
export function isSum(metric: MetricName): boolean {
  return metric !== "averageWatchSeconds";
}

/** Returns the sum of what is known; null where nothing is. */
export function totalOf(metric: MetricName, rows: readonly { readonly metrics: Numbers }[]): number | null {
  const known = rows.map(({ metrics }) => metrics[metric] ?? null).filter((value) => value !== null);
  return isSum(metric) && known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : null;
}
