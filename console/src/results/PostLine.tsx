import { Link } from "@tanstack/react-router";
import type { Environment, InsightsGroup } from "presswork-client";
import { accountName } from "../platforms/platforms";
import { captionLine } from "../posts/captionLine";
import { RowPicture } from "../posts/RowPicture";
import { PlatformIcon } from "../ui/PlatformIcon";
import { Time } from "../ui/Time";
import { type MetricName, metricName, metricText } from "./metrics";
import "./post-line.css";
import { ShareBar } from "./ShareBar";

interface PostLineProps {
  readonly environment: Environment;
  readonly row: InsightsGroup;
  readonly metric: MetricName;
  /** The number of the first line, which has the longest bar; without it there are no bars. */
  readonly most?: number;
}

/** One post of a list of the best: its picture and first words, where it is, and its number. */
export function PostLine({ environment, row, metric, most }: PostLineProps) {
  const { key, post, metrics } = row;
  const value = metrics[metric] ?? null;
  return (
    <li className="post-line">
      <RowPicture className="post-line-picture" url={post?.thumbnailUrl} />
      <span className="post-line-what">
        <Link className="cut" to="/$environment/posts/$postId" params={{ environment, postId: key }}>
          {captionLine(post?.caption ?? "")}
        </Link>
        {post && (
          <span className="soft small cut">
            <PlatformIcon platform={post.platform} /> {accountName(post.platform, post.handle)}
            {", "}
            <Time at={post.publishedAt} isRelative />
          </span>
        )}
        {most !== undefined && <ShareBar value={value} of={most} />}
      </span>
      <span className="post-line-value">
        {metricText(metric, value)} <span className="visually-hidden">{metricName(metric).toLowerCase()}</span>
      </span>
    </li>
  );
}
