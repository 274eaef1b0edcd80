import { useQuery } from "@tanstack/react-query";
import type { Environment, TimelineItem } from "presswork-client";
import { useEffect, useRef } from "react";
import { timelineQuery } from "../../posts/queries";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { detailRows } from "./detailRows";
import "./timeline.css";

const GOOD: ReadonlySet<string> = new Set(["live", "published", "drafted", "first_comment", "permalink"]);
const BAD: ReadonlySet<string> = new Set(["failed", "retrying"]);
const WAITING: ReadonlySet<string> = new Set(["waiting", "reconciled"]);

interface TimelineProps {
  readonly environment: Environment;
  readonly postId: string;
  /** When the post changed last. */
  readonly updatedAt: string;
  readonly zone: string;
}

/** What happened to a post, in sentences; the newest entry is the first. */
export function Timeline({ environment, postId, updatedAt, zone }: TimelineProps) {
  const timeline = useQuery(timelineQuery(environment, postId));
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
            <Entry key={`${item.at} ${item.event} ${item.message}`} item={item} zone={zone} />
          ))}
        </ol>
      )}
    </Loaded>
  );
}

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence of the API, with its instants as times of the project. */
function Message({ text, zone }: { readonly text: string; readonly zone: string }) {
  return text.split(INSTANT).map((part, at) => (at % 2 === 1 ? <Time key={part} at={part} zone={zone} /> : part));
}

function isGood({ event, detail }: TimelineItem): boolean {
  return GOOD.has(event) || (event === "extra" && detail["status"] === "done");
}

function isBad({ event, detail }: TimelineItem): boolean {
  return BAD.has(event) || (event === "extra" && detail["status"] === "failed");
}

function Entry({ item, zone }: { readonly item: TimelineItem; readonly zone: string }) {
  const tone = isGood(item) ? "good" : isBad(item) ? "bad" : WAITING.has(item.event) ? "warn" : "";
  const rows = detailRows(item.detail);
  return (
    <li className={`entry ${tone}`}>
      <div className="entry-head">
        <p>
          <Message text={item.message} zone={zone} />
        </p>
        <span className="soft small">
          <Time at={item.at} zone={zone} isRelative />
        </span>
      </div>
      {rows.length > 0 && (
        <details>
          <summary className="soft small">Details</summary>
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
        </details>
      )}
    </li>
  );
}
