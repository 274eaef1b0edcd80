import type { PlatformName } from "presswork-client";
import { descriptionOf } from "../../platforms/descriptions";
import { captionLimits, commentLimits } from "../../platforms/textLimits";
import { characters, type TextLimit } from "../../platforms/texts";

/** How much of a reply a platform accepts, and how much there is. */
export interface ReplyCounter {
  readonly unit: TextLimit["unit"];
  readonly used: number;
  readonly limit: number;
}

/**
 * Returns the counters of a reply. A network counts it as it counts a comment, or a post where it has no first comment. The
 * first counter is that of the length.
 */
export function replyCounters(text: string, platform: PlatformName): readonly ReplyCounter[] {
  const ofComments = commentLimits(platform);
  const limits = ofComments.length > 0 ? ofComments : captionLimits(platform, "publish", null);
  const [length = { unit: "characters", count: characters, limit: Number.POSITIVE_INFINITY }, ...others] = limits;
  const longest = descriptionOf(platform).capabilities.maxReplyText ?? length.limit;
  return [{ ...length, limit: longest, shownFrom: 0 }, ...others]
    .map(({ unit, count, limit, shownFrom = 0 }) => ({ unit, used: count(text), limit, shownFrom }))
    .filter(({ used, limit, shownFrom }) => used >= shownFrom && Number.isFinite(limit));
}
