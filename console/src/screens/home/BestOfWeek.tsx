import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { useMemo } from "react";
import { useZoneOfDays } from "../../api/projects";
import { firstKnown } from "../../results/metrics";
import { PostLine } from "../../results/PostLine";
import { bestQuery } from "../../results/queries";
import { lastDays } from "../../results/ranges";
import { pathOf } from "./pathOf";

const SHOWN = 3;
const DAYS = 7;

/** Where no number of views is known, as without a further permission, likes say which posts are the best. */
const BY = ["views", "likes"] as const;

/** The posts of the last seven days that were viewed or liked most. Nothing, while no number is known. */
export default function BestOfWeek({ environment }: { readonly environment: Environment }) {
  const zone = useZoneOfDays(environment, undefined);
  const { since, until } = useMemo(() => lastDays(DAYS, new Date(), zone), [zone]);
  const of = { since, until, timezone: zone, limit: SHOWN };
  const viewed = useQuery(bestQuery(environment, { ...of, metric: BY[0] }));
  const isViewed = viewed.data === undefined || firstKnown(viewed.data) === BY[0];
  const liked = useQuery({ ...bestQuery(environment, { ...of, metric: BY[1] }), enabled: !isViewed });
  const [metric, found] = isViewed ? [BY[0], viewed.data] : [BY[1], liked.data];
  const rows = found?.filter(({ metrics }) => (metrics[metric] ?? null) !== null) ?? [];
  if (rows.length === 0) return null;
  return (
    <section className="panel best-of-week" aria-labelledby="home-best">
      <header>
        <h2 id="home-best">Best of the week</h2>
        <span className="soft small">by {metric}</span>
        <Link className="small" to={pathOf(environment, "results")} search={{ range: "7" }}>
          All results
        </Link>
      </header>
      <ol className="post-lines">
        {rows.map((row) => (
          <PostLine key={row.key} environment={environment} row={row} metric={metric} />
        ))}
      </ol>
    </section>
  );
}
