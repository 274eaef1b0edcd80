import type { Environment } from "presswork-client";
import { usePages } from "../../api/usePages";
import { type MetricName, metricName } from "../../results/metrics";
import { PostLine } from "../../results/PostLine";
import { listGroups, resultsKey } from "../../results/queries";
import type { Span } from "../../results/ranges";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import type { ResultsSearch } from "./search";

const PAGE = 10;

interface BestPostsProps {
  readonly environment: Environment;
  readonly search: ResultsSearch;
  readonly metric: MetricName;
  readonly span: Span;
  readonly zone: string;
}

/** The posts with the highest numbers, a page at a time. */
export function BestPosts({ environment, search: { project, label }, metric, span, zone }: BestPostsProps) {
  const of = { projectId: project, label, timezone: zone, since: span.since, until: span.until };
  const query = { ...of, groupBy: "post", metric, limit: PAGE } as const;
  const list = usePages([...resultsKey(environment), "best", query], () => listGroups(environment, query));
  const known = list.rows.filter(({ metrics }) => (metrics[metric] ?? null) !== null);
  const most = known[0]?.metrics[metric] ?? 0;
  return (
    <section className="panel results-part" aria-labelledby="results-best">
      <h2 id="results-best">Best posts by {metricName(metric).toLowerCase()}</h2>
      {list.isPending && <SkeletonRows rows={5} />}
      {list.error !== null && <ErrorNotice error={list.error} />}
      {!list.isPending && list.error === null && known.length === 0 && (
        <p className="soft">This number is not known for any post of this time.</p>
      )}
      <ol className="post-lines">
        {known.map((row) => (
          <PostLine key={row.key} environment={environment} row={row} metric={metric} most={most} />
        ))}
      </ol>
      {list.hasMore && known.length === list.rows.length && (
        <div className="more">
          <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}
