import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { useMemo } from "react";
import { useZoneOfDays } from "../../api/projects";
import { DayCounts } from "../../posts/DayCounts";
import { type Counts, countsSentence, summaryQuery } from "../../posts/dayCounts";
import { dateOf, dayName } from "../../posts/days";
import { numberOf } from "../../posts/queuedCount";
import { useNow } from "../../ui/useNow";
import { weekFrom } from "./days";
import { pathOf } from "./pathOf";

/** What became of today so far, and how many posts each of the next seven days has. */
export function Week({ environment }: { readonly environment: Environment }) {
  const zone = useZoneOfDays(environment, undefined);
  const today = dateOf(useNow().toISOString(), zone);
  const day = today.toString();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another day is another week
  const { days, span } = useMemo(() => weekFrom(new Date(), zone), [zone, day]);
  const summary = useQuery(summaryQuery(environment, span, zone));
  const counts = new Map<string, Counts>(summary.data?.days.map((one) => [one.date, one.counts]));
  return (
    <section className="panel week" aria-label="The next seven days">
      <TodayLine environment={environment} counts={counts.get(day)} isRead={summary.data !== undefined} />
      <ul>
        {days.map((date) => {
          const ofDay = counts.get(date.toString());
          return (
            <li key={date.toString()}>
              <Link
                className="home-day"
                {...(date.compare(today) === 0 && { "aria-current": "date" as const })}
                to={pathOf(environment, "calendar")}
                search={{ at: date.toString().slice(0, 7), day: date.toString() }}
              >
                <span className="visually-hidden">{`${dayName(date, today)}: ${countsSentence(ofDay)}`}</span>
                <span className="soft small" aria-hidden>
                  {new Intl.DateTimeFormat("en-GB", { weekday: "short", timeZone: "UTC" }).format(date.toDate("UTC"))}
                </span>
                <span className="week-date" aria-hidden>
                  {date.day}
                </span>
                <DayCounts counts={ofDay} />
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface TodayLineProps {
  readonly environment: Environment;
  readonly counts: Counts | undefined;
  readonly isRead: boolean;
}

/** "11 went out today, 1 failed, 4 to go." */
function TodayLine({ environment, counts, isRead }: TodayLineProps) {
  const { published = 0, draft = 0, failed = 0, queued = 0, publishing = 0 } = counts ?? {};
  const all = [
    { count: published + draft, text: "went out", view: "done", tone: "good" },
    { count: failed, text: "failed", view: "failed", tone: "bad" },
    { count: queued + publishing, text: "to go", view: "upcoming", tone: "" },
  ] as const;
  const parts = all.filter(({ count }) => count > 0);
  return (
    <p className="today-line">
      {isRead && parts.length === 0 && <span className="soft">Nothing is planned for today.</span>}
      {parts.map(({ count, text, view, tone }, place) => (
        <span key={view}>
          {place > 0 && ", "}
          <Link className={`today-count ${tone}`} to={pathOf(environment, "queue")} search={{ view }}>
            {numberOf(count)} {text}
          </Link>
        </span>
      ))}
      {parts.length > 0 && " today"}
    </p>
  );
}
