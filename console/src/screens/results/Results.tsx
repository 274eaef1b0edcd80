import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ChartColumn, Download } from "lucide-react";
import type { InsightsGroup } from "presswork-client";
import { useMemo } from "react";
import { useZoneOfDays } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { ProjectFilter } from "../../content/ProjectFilter";
import { LabelFilter } from "../../labels/LabelFilter";
import { dateOf } from "../../posts/days";
import { countOf, numberOf } from "../../posts/queuedCount";
import { changeOf, firstKnown, isSum, METRICS, totalOf } from "../../results/metrics";
import { daysQuery, resultsExportUrl } from "../../results/queries";
import { spanBefore, spanOf } from "../../results/ranges";
import "../../results/results.css";
import { Tiles } from "../../results/Tiles";
import { EmptyState } from "../../ui/EmptyState";
import { Loaded } from "../../ui/Loaded";
import { Skeleton } from "../../ui/Skeleton";
import { useNow } from "../../ui/useNow";
import { BestPosts } from "./BestPosts";
import { ByDay } from "./ByDay";
import { Compare } from "./Compare";
import { RangeChoice } from "./RangeChoice";
import { type ResultsSearch, resultsSearchOf } from "./search";

const route = getRouteApi("/$environment/results");

/** What came of the posts of a time: totals beside those of the time before, by day, the best ones, and by where they went. */
export default function Results() {
  const { environment } = route.useParams();
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const search = resultsSearchOf(address);
  const zone = useZoneOfDays(environment, search.project);
  const today = dateOf(useNow().toISOString(), zone).toString();
  const { range, since, until } = search;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another day is another span
  const span = useMemo(() => spanOf({ range, since, until }, new Date(), zone), [range, since, until, zone, today]);
  const before = useMemo(() => spanBefore(span, zone), [span, zone]);
  const of = { projectId: search.project, label: search.label, timezone: zone };
  const days = useQuery(daysQuery(environment, { ...of, ...span }));
  const former = useQuery(daysQuery(environment, { ...of, ...before }));
  const change = (changes: Partial<ResultsSearch>) =>
    void navigate({ search: (all) => ({ ...all, ...changes }), replace: true, resetScroll: false });
  const shared = { environment, search, span, zone } as const;
  return (
    <Screen
      title="Results"
      actions={
        <a className="button plain" href={resultsExportUrl(environment, { ...of, ...span })} download>
          <Download aria-hidden /> Download CSV
        </a>
      }
    >
      <div className="results-filters">
        <ProjectFilter environment={environment} value={search.project} onChange={(project) => change({ project })} />
        <LabelFilter
          environment={environment}
          projectId={search.project}
          value={search.label}
          onChange={(label) => change({ label })}
        />
        <RangeChoice search={search} span={span} onChange={change} />
      </div>
      <Loaded query={days} skeleton={<Skeleton height="88px" />}>
        {(rows) => {
          const posts = postsIn(rows);
          if (posts === 0) {
            return (
              <div className="panel">
                <EmptyState icon={ChartColumn} title="No results for this time">
                  Nothing went live in it, or its numbers were not read yet: that takes about a quarter of an hour.
                </EmptyState>
              </div>
            );
          }
          const metric = search.metric ?? firstKnown(rows);
          return (
            <>
              <p className="soft small results-about">
                {countOf(posts, "post")} went live.
                {former.data !== undefined &&
                  ` Changes are against the ${span.days.length} days before, which had ${numberOf(postsIn(former.data))}.`}
              </p>
              <Tiles
                label="Totals"
                current={metric}
                tiles={METRICS.map((one) => {
                  const value = totalOf(one, rows);
                  return { metric: one, value, change: changeOf(value, totalOf(one, former.data ?? [])) };
                }).filter(
                  ({ metric }) => metric === "views" || rows.some(({ metrics }) => (metrics[metric] ?? null) !== null),
                )}
                whyUnknown={(metric) =>
                  isSum(metric)
                    ? "No network reports it for these posts, or the accounts did not grant it."
                    : "An average has no total: see it by day, or of each post."
                }
              />
              <section className="panel results-part" aria-label="By day">
                <ByDay metric={metric} span={span} rows={rows} before={{ span: before, rows: former.data }} />
              </section>
              <div className="results-columns">
                <BestPosts {...shared} metric={metric} />
                <Compare {...shared} metric={metric} />
              </div>
            </>
          );
        }}
      </Loaded>
    </Screen>
  );
}

function postsIn(rows: readonly InsightsGroup[]): number {
  return rows.reduce((sum, row) => sum + row.posts, 0);
}
