import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, InsightsGroup } from "presswork-client";
import type { ReactNode } from "react";
import { usePages } from "../../api/usePages";
import { accountName, isPlatform, platformName } from "../../platforms/platforms";
import { accountsQuery } from "../../posts/accounts";
import { numberOf } from "../../posts/queuedCount";
import { type MetricName, metricName, metricText, UNKNOWN } from "../../results/metrics";
import { listGroups, resultsKey } from "../../results/queries";
import type { Span } from "../../results/ranges";
import { ShareBar } from "../../results/ShareBar";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { SkeletonRows } from "../../ui/Skeleton";
import { GROUPS, type GroupId, type ResultsSearch } from "./search";

const PAGE = 20;

interface CompareProps {
  readonly environment: Environment;
  readonly search: ResultsSearch;
  readonly metric: MetricName;
  readonly span: Span;
  readonly zone: string;
}

/** The chosen number by platform, account or label: bars in a table. */
export function Compare({ environment, search: { project, label, by }, metric, span, zone }: CompareProps) {
  const of = { projectId: project, label, timezone: zone, since: span.since, until: span.until };
  const query = { ...of, groupBy: by, metric, limit: PAGE };
  const list = usePages([...resultsKey(environment), "compare", query], () => listGroups(environment, query));
  const most = Math.max(0, ...list.rows.map(({ metrics }) => metrics[metric] ?? 0));
  return (
    <section className="panel results-part" aria-labelledby="results-compare">
      <div className="results-head">
        <h2 id="results-compare">
          {metricName(metric)} by {by}
        </h2>
        <nav className="range-choices" aria-label="Compare by">
          {GROUPS.map(({ id, label }) => (
            <Link
              key={id}
              to="."
              search={(all: Readonly<Record<string, unknown>>) => ({ ...all, by: id === "platform" ? undefined : id })}
              replace
              resetScroll={false}
              activeOptions={{ exact: true, explicitUndefined: true }}
              {...(by === id && { "aria-current": true })}
            >
              {label}
            </Link>
          ))}
        </nav>
      </div>
      {list.isPending && <SkeletonRows rows={4} />}
      {list.error !== null && <ErrorNotice error={list.error} />}
      {!list.isPending && list.error === null && list.rows.length === 0 && (
        <p className="soft">No post of this time has {by === "label" ? "a label" : "numbers"}.</p>
      )}
      {list.rows.length > 0 && (
        <table className="compare">
          <thead>
            <tr>
              <th scope="col">{GROUPS.find(({ id }) => id === by)?.label}</th>
              <th scope="col">Posts</th>
              <th scope="col">{metricName(metric)}</th>
            </tr>
          </thead>
          <tbody>
            {list.rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">
                  <GroupName environment={environment} by={by} row={row} />
                  <ShareBar value={row.metrics[metric] ?? null} of={most} />
                </th>
                <td>{numberOf(row.posts)}</td>
                <td>
                  {(row.metrics[metric] ?? null) === null ? <Unknown /> : metricText(metric, row.metrics[metric])}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {list.hasMore && (
        <div className="more">
          <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}

function Unknown() {
  return (
    <span title="No post of it has this number: its platform has none, or the account did not grant it.">
      <span aria-hidden>{UNKNOWN}</span>
      <span className="visually-hidden">not known</span>
    </span>
  );
}

interface GroupNameProps {
  readonly environment: Environment;
  readonly by: GroupId;
  readonly row: InsightsGroup;
}

function GroupName({ environment, by, row }: GroupNameProps): ReactNode {
  const accounts = useQuery({ ...accountsQuery(environment), enabled: by === "account" });
  if (by === "label") return <span className="cut">{row.key}</span>;
  if (by === "platform") {
    return (
      <span className="compare-name">
        {isPlatform(row.key) && <PlatformIcon platform={row.key} />}{" "}
        <span className="cut">{platformName(row.key)}</span>
      </span>
    );
  }
  const account = accounts.data?.find(({ socialAccountId }) => socialAccountId === row.key);
  return (
    <Link className="compare-name" to="/$environment/accounts/$accountId" params={{ environment, accountId: row.key }}>
      {account !== undefined && <PlatformIcon platform={account.platform} />}{" "}
      <span className="cut">{account === undefined ? "…" : accountName(account.platform, account.handle)}</span>
    </Link>
  );
}
