import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { useMemo } from "react";
import { useZoneOfDays } from "../../api/projects";
import { PostLine } from "../../results/PostLine";
import { bestQuery } from "../../results/queries";
import { lastDays } from "../../results/ranges";
import { pathOf } from "./pathOf";

const SHOWN = 3;
const DAYS = 7;

/** The posts of the last seven days that were viewed most. Nothing, while no number is known. */
export default function BestOfWeek({ environment }: { readonly environment: Environment }) {
  const zone = useZoneOfDays(environment, undefined);
  const { since, until } = useMemo(() => lastDays(DAYS, new Date(), zone), [zone]);
  const best = useQuery(bestQuery(environment, { since, until, timezone: zone, metric: "views", limit: SHOWN }));
  const rows = best.data?.filter(({ metrics }) => (metrics.views ?? null) !== null) ?? [];
  if (rows.length === 0) return null;
  return (
    <section className="panel best-of-week" aria-labelledby="home-best">
      <header>
        <h2 id="home-best">Best of the week</h2>
        <span className="soft small">by views</span>
        <Link className="small" to={pathOf(environment, "results")} search={{ range: "7" }}>
          All results
        </Link>
      </header>
      <ol className="post-lines">
        {rows.map((row) => (
          <PostLine key={row.key} environment={environment} row={row} metric="views" />
        ))}
      </ol>
    </section>
  );
}
