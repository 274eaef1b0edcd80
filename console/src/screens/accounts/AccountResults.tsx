import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { AccountInsights, Environment, SocialAccount } from "presswork-client";
import { useMemo } from "react";
import { platformName } from "../../platforms/platforms";
import { dateOf } from "../../posts/days";
import { Chart } from "../../results/Chart";
import { MissingNumbers } from "../../results/MissingNumbers";
import { UNKNOWN } from "../../results/metrics";
import { accountDaysQuery } from "../../results/queries";
import { lastDays, longDay, placeOf, RANGES, type Span, shortDay } from "../../results/ranges";
import "../../results/results.css";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Loaded } from "../../ui/Loaded";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { viewerZone } from "../../ui/times";
import { useNow } from "../../ui/useNow";

interface AccountResultsProps {
  readonly environment: Environment;
  readonly account: SocialAccount;
  readonly zone: string | undefined;
  /** As the address names it: "7", "28" or "90". */
  readonly days: string | undefined;
  readonly mayConnect: boolean;
}

const LINES = [
  { name: "followers", title: "Followers", isFromZero: false },
  { name: "views", title: "Views", isFromZero: true },
  { name: "reach", title: "Reach", isFromZero: true },
] as const;

/** How an account does by day: followers, views and reach, as its platform counts days. */
export default function AccountResults({
  environment,
  account,
  zone = viewerZone(),
  days,
  mayConnect,
}: AccountResultsProps) {
  const count = RANGES.find(({ id }) => id === days)?.days ?? 28;
  const today = dateOf(useNow().toISOString(), zone).toString();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another day is another span
  const span = useMemo(() => lastDays(count, new Date(), zone), [count, zone, today]);
  const found = useQuery(accountDaysQuery(environment, account.socialAccountId, span));
  return (
    <section className="panel account-part" aria-labelledby="account-results">
      <div className="results-head">
        <h2 id="account-results">Results</h2>
        <nav className="range-choices" aria-label="Time">
          {RANGES.map(({ id, label, days: size }) => (
            <Link
              key={id}
              to="."
              search={(all: Readonly<Record<string, unknown>>) => ({ ...all, days: id === "28" ? undefined : id })}
              replace
              resetScroll={false}
              activeOptions={{ exact: true, explicitUndefined: true }}
              {...(size === count && { "aria-current": true })}
            >
              {label}
            </Link>
          ))}
        </nav>
      </div>
      <Loaded query={found} skeleton={<Skeleton height="320px" />} failed={(error) => <ErrorNotice error={error} />}>
        {(results) => <Lines {...{ environment, account, results, span, mayConnect }} />}
      </Loaded>
    </section>
  );
}

interface LinesProps {
  readonly environment: Environment;
  readonly account: SocialAccount;
  readonly results: AccountInsights;
  readonly span: Span;
  readonly mayConnect: boolean;
}

function Lines({ environment, account, results, span, mayConnect }: LinesProps) {
  const byDay = new Map(results.items.map((day) => [day.date, day]));
  const number = (value: number) => value.toLocaleString("en");
  return (
    <>
      <p>
        <strong className="big-number">{results.followers === null ? UNKNOWN : number(results.followers)}</strong>{" "}
        followers
        {results.takenAt !== null && (
          <span className="soft small">
            {" "}
            read <Time at={results.takenAt} isRelative />
          </span>
        )}
      </p>
      {LINES.map(({ name, title, isFromZero }) => {
        const points = span.days.map((day) => ({ at: placeOf(day), value: byDay.get(day.toString())?.[name] ?? null }));
        if (points.every(({ value }) => value === null)) return null;
        return (
          <Chart
            key={name}
            title={`${title} by day`}
            points={points}
            format={number}
            shortLabel={shortDay}
            label={longDay}
            column="Day"
            isFromZero={isFromZero}
          />
        );
      })}
      <MissingNumbers
        environment={environment}
        unavailable={results.unavailable}
        platform={platformName(account.platform)}
        accountId={account.socialAccountId}
        mayConnect={mayConnect}
      />
    </>
  );
}
