import { METRICS, metricName } from "./metrics";

/** Why a number is not known. */
export type Reason = "not_offered" | "not_granted" | "not_yet" | "too_few" | "gone";

/** A number that is not known. */
export interface Missing {
  readonly metric: string;
  readonly reason: Reason;
  /** Those that the account has not granted. */
  readonly permissions?: readonly string[];
}

/** Numbers that are not known for the same reason. */
export interface MissingGroup {
  readonly reason: Reason;
  readonly metrics: readonly string[];
  /** "Reach and saves" */
  readonly names: string;
  /** The reason, for a person. */
  readonly sentence: string;
  readonly permissions: readonly string[];
}

/** What a person can change comes first. */
const SENTENCES: readonly (readonly [Reason, (platform: string) => string])[] = [
  ["not_granted", (platform) => `${platform} shows this only with a permission that the account has not granted.`],
  ["not_yet", (platform) => `${platform} has not counted this yet. It is read again later.`],
  ["too_few", (platform) => `${platform} shows this only once enough people have seen it.`],
  ["gone", (platform) => `${platform} no longer has the post, or no longer has this number.`],
  ["not_offered", (platform) => `${platform} has no such number here.`],
];

/** Returns why numbers are not known, with one sentence for each reason. */
export function missingGroups(unavailable: readonly Missing[], platform: string): readonly MissingGroup[] {
  return SENTENCES.flatMap(([reason, sentenceOf]) => {
    const some = unavailable.filter((one) => one.reason === reason);
    if (some.length === 0) return [];
    return [
      {
        reason,
        metrics: some.map(({ metric }) => metric),
        names: sentenceList(some.map(({ metric }) => nameOf(metric))),
        sentence: sentenceOf(platform),
        permissions: [...new Set(some.flatMap(({ permissions = [] }) => permissions))],
      },
    ];
  });
}

function nameOf(metric: string): string {
  const known = METRICS.find((one) => one === metric);
  return known === undefined ? metric.charAt(0).toUpperCase() + metric.slice(1) : metricName(known);
}

/** "Reach", "Reach and saves", "Reach, saves and watch time" */
function sentenceList(names: readonly string[]): string {
  const [first, ...others] = names.map((name, place) =>
    place === 0 ? name : name.charAt(0).toLowerCase() + name.slice(1),
  );
  const last = others.pop();
  return last === undefined ? (first ?? "") : `${[first, ...others].join(", ")} and ${last}`;
}
