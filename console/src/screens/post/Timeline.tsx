import { useQuery } from "@tanstack/react-query";
import type { Environment, PlatformName, ScheduledPost, TimelineItem } from "presswork-client";
import { useEffect, useRef } from "react";
import { timelineQuery } from "../../posts/queries";
import { Sentence } from "../../posts/Sentence";
import { timelineSentence } from "../../posts/timelineSentence";
import { Fold } from "../../ui/Fold";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { detailRows } from "./detailRows";
import "./timeline.css";

const GOOD: ReadonlySet<string> = new Set([
  "live",
  "published",
  "drafted",
  "first_comment",
  "permalink",
  "taken_down",
  "edited",
]);
const BAD: ReadonlySet<string> = new Set(["failed", "retrying", "take_down_failed", "edit_failed"]);
const WAITING: ReadonlySet<string> = new Set(["waiting", "reconciled"]);

interface TimelineProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly zone: string;
}

/** What happened to a post, in sentences; the newest entry is the first. */
export function Timeline({ environment, post, zone }: TimelineProps) {
  const { updatedAt, platform } = post;
  const timeline = useQuery(timelineQuery(environment, post.id));
  const { refetch } = timeline;
  const shownOf = useRef(updatedAt);
  useEffect(() => {
    if (shownOf.current !== updatedAt) void refetch();
    shownOf.current = updatedAt;
  }, [updatedAt, refetch]);
  return (
    <Loaded query={timeline} skeleton={<SkeletonRows rows={5} />}>
      {({ items }) => (
        <ol className="timeline" reversed>
          {items.toReversed().map((item) => (
            <Entry key={`${item.at} ${item.event} ${item.message}`} item={item} platform={platform} zone={zone} />
          ))}
        </ol>
      )}
    </Loaded>
  );
}

function isGood({ event, detail }: TimelineItem): boolean {
  return GOOD.has(event) || (event === "extra" && detail["status"] === "done");
}

function isBad({ event, detail }: TimelineItem): boolean {
  return BAD.has(event) || (event === "extra" && detail["status"] === "failed");
}

interface EntryProps {
  readonly item: TimelineItem;
  readonly platform: PlatformName;
  readonly zone: string;
}

function Entry({ item, platform, zone }: EntryProps) {
  const tone = isGood(item) ? "good" : isBad(item) ? "bad" : WAITING.has(item.event) ? "warn" : "";
  const sentence = timelineSentence(item, platform);
  const rows = [...(sentence === item.message ? [] : [["message", item.message] as const]), ...detailRows(item.detail)];
  return (
    <li className={`entry ${tone}`}>
      <div className="entry-head">
        <p>
          <Sentence text={sentence} zone={zone} />
        </p>
        <span className="soft small">
          <Time at={item.at} zone={zone} isRelative />
        </span>
      </div>
      {rows.length > 0 && (
        <Fold title={<span className="soft">Details</span>}>
          <dl>
            {rows.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ))}
          </dl>
        </Fold>
      )}
    </li>
  );
}
