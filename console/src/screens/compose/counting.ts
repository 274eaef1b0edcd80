import type { MediaType, Mode, PlatformName } from "presswork-client";
import { FACTS } from "../../platforms/platforms";
import { characters, type TextLimit } from "../../platforms/texts";

/** What content may have, whatever its targets. */
const CONTENT: readonly TextLimit[] = [{ unit: "characters", count: characters, limit: 2_200 }];

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

/** Returns the counters of a caption on one platform. Without a platform, it is what content may have. */
export function captionCounters(
  text: string,
  platform: PlatformName | null,
  mode: Mode,
  mediaType: MediaType | null,
): readonly Counter[] {
  const limits = platform === null ? null : FACTS[platform].caption(mode, mediaType);
  return limits === null ? counted(text, null, CONTENT) : counted(text, platform, limits);
}

/** Returns the counters of a first comment on one platform; none where it has no comments. */
export function commentCounters(text: string, platform: PlatformName): readonly Counter[] {
  return counted(text, platform, FACTS[platform].comment ?? []);
}

function counted(text: string, platform: PlatformName | null, limits: readonly TextLimit[]): readonly Counter[] {
  return limits.map(({ unit, count, limit, advice, shownFrom = 0 }) => {
    const used = count(text);
    return { platform, unit, used, limit, ...(advice !== undefined && { advice }), isShown: used >= shownFrom };
  });
}

export function isOver(counter: Counter): boolean {
  return counter.used > counter.limit;
}
