import type { MediaType, Mode, PlatformLimit, PlatformName } from "presswork-client";
import { limitsOf } from "./descriptions";
import {
  bytes,
  characters,
  graphemes,
  hashtags,
  links,
  mentions,
  shortenedGraphemes,
  type TextLimit,
  utf16Units,
  visibleCharacters,
  weightedCharacters,
} from "./texts";

/** How the texts of each measure of the API are counted here. */
const COUNTED: Readonly<Record<string, Pick<TextLimit, "unit" | "count">>> = {
  code_points: { unit: "characters", count: characters },
  visible_code_points: { unit: "characters", count: visibleCharacters },
  utf16_units: { unit: "characters", count: utf16Units },
  graphemes: { unit: "characters", count: graphemes },
  shortened_graphemes: { unit: "characters", count: shortenedGraphemes },
  weighted_characters: { unit: "characters", count: weightedCharacters },
  utf8_bytes: { unit: "bytes", count: bytes },
  hashtags: { unit: "hashtags", count: hashtags },
  mentions: { unit: "mentions", count: mentions },
  links: { unit: "links", count: links },
};
const SHOWN_FROM = 0.8;

/** Returns what a platform accepts in a caption; none: what content may have. */
export function captionLimits(platform: PlatformName, mode: Mode, mediaType: MediaType | null): readonly TextLimit[] {
  return textLimits(limitsOf(platform, mode, mediaType).filter(({ subject }) => subject === "caption"));
}

/** Returns what a platform accepts in a first comment. */
export function commentLimits(platform: PlatformName): readonly TextLimit[] {
  return textLimits(limitsOf(platform, "publish", null).filter(({ subject }) => subject === "first_comment"));
}

function textLimits(limits: readonly PlatformLimit[]): readonly TextLimit[] {
  const refusing = limits.filter(({ effect, measure }) => effect === "error" && COUNTED[measure] !== undefined);
  return refusing.flatMap(({ measure, max }, place) => {
    const counted = COUNTED[measure];
    if (counted === undefined || max === null) return [];
    const advice = limits.find((one) => one.effect === "warning" && one.measure === measure)?.max;
    const shownFrom = shownFromOf(counted.unit, max, place);
    return { ...counted, limit: max, shownFrom, ...(typeof advice === "number" && { advice }) };
  });
}

/** Returns from which number on a counter is worth its place: the first one always, others near their limit. */
function shownFromOf(unit: TextLimit["unit"], max: number, place: number): number {
  if (unit === "hashtags" || unit === "mentions") return 1;
  return place === 0 ? 0 : Math.floor(max * SHOWN_FROM);
}
