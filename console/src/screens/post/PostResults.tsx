import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import type { Environment, PostInsights, ScheduledPost } from "presswork-client";
import { useState } from "react";
import { platformName } from "../../platforms/platforms";
import { Chart } from "../../results/Chart";
import { MissingNumbers } from "../../results/MissingNumbers";
import { firstKnown, METRICS, metricName, metricOf, metricText } from "../../results/metrics";
import { historyQuery, postNumbersQuery, refreshNumbers, waitSecondsOf } from "../../results/queries";
import { missingGroups } from "../../results/reasons";
import "../../results/results.css";
import { Tiles } from "../../results/Tiles";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Fold } from "../../ui/Fold";
import { Loaded } from "../../ui/Loaded";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { shortTime } from "../../ui/times";

interface PostResultsProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  /** As the address names it. */
  readonly metric: string | undefined;
  readonly zone: string;
  /** Whether the person may connect the account again. */
  readonly mayConnect: boolean;
}

/** What came of a post: its numbers, why some are not known, and a line over time. */
export default function PostResults({ environment, post, metric, zone, mayConnect }: PostResultsProps) {
  const [askedAt, setAskedAt] = useState<string | null>(null);
  const numbers = useQuery(postNumbersQuery(environment, post.id, askedAt));
  return (
    <section className="panel results-part" aria-labelledby="post-results">
      <div className="results-head">
        <h3 id="post-results">Results</h3>
        <ReadAgain
          environment={environment}
          postId={post.id}
          takenAt={numbers.data?.takenAt ?? null}
          {...{ askedAt, setAskedAt, zone }}
        />
      </div>
      <Loaded query={numbers} skeleton={<Skeleton height="160px" />}>
        {(found) =>
          found.takenAt === null ? (
            <p className="soft">
              No numbers yet. They are first read about a quarter of an hour after the post went live
              {found.nextAt !== null && (
                <>
                  , <Time at={found.nextAt} isRelative />
                </>
              )}
              .
            </p>
          ) : (
            <Numbers {...{ environment, post, metric, zone, mayConnect }} numbers={found} />
          )
        }
      </Loaded>
    </section>
  );
}

interface NumbersProps extends PostResultsProps {
  readonly numbers: PostInsights;
}

function Numbers({ environment, post, metric, zone, mayConnect, numbers }: NumbersProps) {
  const { metrics, unavailable, raw } = numbers;
  const platform = platformName(post.platform);
  const reasonOf = new Map(unavailable.map((one) => [one.metric, one]));
  const shown = METRICS.filter((one) => (metrics[one] ?? null) !== null || reasonOf.get(one)?.reason !== "not_offered");
  const current = shown.find((one) => one === metricOf(metric)) ?? firstKnown([numbers]);
  const groups = missingGroups(unavailable, platform);
  const history = useQuery(historyQuery(environment, post.id, numbers.takenAt));
  const timeOf = (at: number) => shortTime(new Date(at), new Date(), zone);
  const points = (history.data ?? []).map((one) => ({
    at: Date.parse(one.takenAt),
    value: one.metrics[current] ?? null,
  }));
  return (
    <>
      <Tiles
        label="Numbers"
        current={current}
        tiles={shown.map((one) => ({ metric: one, value: metrics[one] ?? null }))}
        whyUnknown={(one) => groups.find(({ metrics: of }) => of.includes(one))?.sentence ?? ""}
      />
      <MissingNumbers
        environment={environment}
        unavailable={unavailable}
        platform={platform}
        accountId={post.socialAccountId}
        mayConnect={mayConnect}
      />
      {history.error !== null && <ErrorNotice error={history.error} />}
      {history.data !== undefined && points.length > 1 && (
        <Chart
          title={`${metricName(current)} over time`}
          points={points}
          format={(value) => metricText(current, value)}
          shortLabel={timeOf}
          label={timeOf}
          column="Read at"
        />
      )}
      {Object.keys(raw).length > 0 && (
        <Fold title={<span className="soft">As {platform} names them</span>}>
          <dl className="raw-numbers">
            {Object.entries(raw).map(([name, value]) => (
              <div key={name}>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>{typeof value === "number" ? value.toLocaleString("en") : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </Fold>
      )}
    </>
  );
}

interface ReadAgainProps {
  readonly environment: Environment;
  readonly postId: string;
  readonly takenAt: string | null;
  readonly zone: string;
  /** The reading that was there when a new one was asked for. */
  readonly askedAt: string | null;
  readonly setAskedAt: (takenAt: string | null) => void;
}

/** When the numbers were read, and a button that has them read again, which a post may be once in 15 minutes. */
function ReadAgain({ environment, postId, takenAt, zone, askedAt, setAskedAt }: ReadAgainProps) {
  const queries = useQueryClient();
  const refresh = useMutation({
    mutationFn: () => refreshNumbers(environment, postId),
    onSuccess: async () => {
      setAskedAt(takenAt ?? "never");
      await queries.invalidateQueries({ queryKey: [environment, "results", "post", postId] });
    },
  });
  const isReading = askedAt !== null && askedAt === (takenAt ?? "never");
  const wait = waitSecondsOf(refresh.error);
  return (
    <>
      <span className="soft small" role="status">
        {isReading
          ? "A worker reads them now…"
          : wait !== null
            ? `They were read less than 15 minutes ago. You can ask again in ${Math.max(1, Math.ceil(wait / 60))} min.`
            : takenAt !== null && (
                <>
                  read <Time at={takenAt} zone={zone} isRelative />
                </>
              )}
      </span>
      <Button kind="quiet" isPending={refresh.isPending || isReading} onPress={() => refresh.mutate()}>
        <RefreshCw aria-hidden /> Read again now
      </Button>
      {refresh.error !== null && wait === null && <ErrorNotice error={refresh.error} />}
    </>
  );
}
