import type { MediaType, Mode, PlatformName } from "presswork-client";
import { MAX_CHARACTERS } from "../../api/maxima";
import { hasComments } from "../../platforms/descriptions";
import { captionLimits, commentLimits } from "../../platforms/textLimits";
import { characters, type TextLimit } from "../../platforms/texts";

/** How much of a text a platform accepts, and how much there is. */
export interface Counter {
  readonly platform: PlatformName | null;
  readonly unit: TextLimit["unit"];
  readonly used: number;
  readonly limit: number;
  /** Beyond this, the platform's own app would refuse it. */
  readonly advice?: number;
  /** Whether it is worth its place. */
  readonly isShown: boolean;
}

/**
 * Returns the counters of a caption on one platform. Without a platform, it is what content may have. `ofAPI` is what the API
 * accepts: less in the own caption of a target.
 */
export function captionCounters(
  text: string,
  platform: PlatformName | null,
  mode: Mode,
  mediaType: MediaType | null,
  ofAPI: number = MAX_CHARACTERS.caption,
): readonly Counter[] {
  const limits = platform === null ? [] : captionLimits(platform, mode, mediaType);
  return counted(text, limits.length === 0 ? null : platform, limits, ofAPI);
}

/** Returns the counters of a first comment on one platform; none where it has no comments. */
export function commentCounters(text: string, platform: PlatformName): readonly Counter[] {
  return hasComments(platform) ? counted(text, platform, commentLimits(platform), MAX_CHARACTERS.firstComment) : [];
}

/** Counts a text by the limits of a platform, as far as the API accepts as much; without limits, by the API's own. */
function counted(
  text: string,
  platform: PlatformName | null,
  limits: readonly TextLimit[],
  ofAPI: number,
): readonly Counter[] {
  const own: TextLimit = { unit: "characters", count: characters, limit: ofAPI };
  return (limits.length === 0 ? [own] : limits).map(({ unit, count, limit, advice, shownFrom = 0 }) => {
    const used = count(text);
    const max = unit === "characters" ? Math.min(limit, ofAPI) : limit;
    return { platform, unit, used, limit: max, ...(advice !== undefined && { advice }), isShown: used >= shownFrom };
  });
}

export function isOver(counter: Counter): boolean {
  return counter.used > counter.limit;
}
