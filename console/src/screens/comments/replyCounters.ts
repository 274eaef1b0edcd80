import type { PlatformName } from "presswork-client";
import { captionLimits, commentLimits } from "../../platforms/textLimits";
import { characters, type TextLimit } from "../../platforms/texts";

/** How much of a reply a platform accepts, and how much there is. */
export interface ReplyCounter {
  readonly unit: TextLimit["unit"];
  readonly used: number;
  readonly limit: number;
}

/** What the API accepts at most. */
const MAX_TEXT: TextLimit = { unit: "characters", count: characters, limit: 10_000 };

/** Returns the counters of a reply. A network without comments of its own counts a reply as it counts a post. */
export function replyCounters(text: string, platform: PlatformName): readonly ReplyCounter[] {
  const ofComments = commentLimits(platform);
  const limits = ofComments.length > 0 ? ofComments : captionLimits(platform, "publish", null);
  return (limits.length > 0 ? limits : [MAX_TEXT])
    .map(({ unit, count, limit, shownFrom = 0 }) => ({ unit, used: count(text), limit, shownFrom }))
    .filter(({ used, shownFrom }) => used >= shownFrom);
}
