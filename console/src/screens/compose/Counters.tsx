import type { MediaType, PlatformName } from "presswork-client";
import { platformName } from "../../platforms/platforms";
import { type Counter, captionCounters, commentCounters, isOver } from "./counting";
import type { TargetDraft } from "./draft";

interface CaptionCountersProps {
  readonly text: string;
  /** The targets that get this text. */
  readonly targets: readonly Pick<TargetDraft, "platform" | "mode">[];
  readonly mediaType: MediaType | null;
  /** What the API accepts, where that is less than of content. */
  readonly ofAPI?: number;
  /** Only those that are near a limit. */
  readonly isBrief?: boolean;
}

/** From this part of a limit on, a text is near it. */
const NEAR = 0.8;

/** How much of the caption each chosen platform accepts, as the platform counts. */
export function CaptionCounters({ text, targets, mediaType, ofAPI, isBrief = false }: CaptionCountersProps) {
  const byName = new Map<string, Counter>();
  const kinds = targets.length === 0 ? [{ platform: null, mode: "publish" as const }] : targets;
  for (const { platform, mode } of kinds) {
    for (const counter of captionCounters(text, platform, mode, mediaType, ofAPI)) {
      byName.set(`${counter.platform} ${counter.unit}`, counter);
    }
  }
  const isNear = (one: Counter) => !isBrief || one.used >= NEAR * one.limit || isUnwise(one);
  return <CounterList counters={[...byName.values()].filter(isNear)} />;
}

interface CommentCountersProps {
  readonly text: string;
  readonly platforms: readonly PlatformName[];
}

/** How much of a first comment each platform accepts. */
export function CommentCounters({ text, platforms }: CommentCountersProps) {
  return <CounterList counters={[...new Set(platforms)].flatMap((platform) => commentCounters(text, platform))} />;
}

function CounterList({ counters }: { readonly counters: readonly Counter[] }) {
  return (
    <span className="counters">
      {counters
        .filter(({ isShown }) => isShown)
        .map((counter) => (
          <span
            key={`${counter.platform} ${counter.unit}`}
            className={isOver(counter) ? "counter over" : isUnwise(counter) ? "counter unwise" : "counter"}
          >
            {counter.platform === null ? "" : `${platformName(counter.platform)} `}
            {counter.used.toLocaleString("en")} of {counter.limit.toLocaleString("en")}
            {counter.unit === "characters" ? "" : ` ${counter.unit}`}
            {isOver(counter) && `, ${(counter.used - counter.limit).toLocaleString("en")} too many`}
          </span>
        ))}
    </span>
  );
}

function isUnwise({ used, advice }: Counter): boolean {
  return advice !== undefined && used > advice;
}
