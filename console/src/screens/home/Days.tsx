import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { postsIn, type Row } from "../../posts/groups";
import { foreignClock, timeOfDay } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import { ContentRow } from "./ContentRow";
import { daysOf } from "./days";
import { pathOf } from "./pathOf";
import { SHOWN } from "./useNeeds";

interface DaysProps {
  readonly environment: Environment;
  readonly rows: readonly Row[];
  /** Whether a day has more rows than were read. */
  readonly hasMore: Readonly<Record<"Today" | "Tomorrow", boolean>>;
  readonly zoneOf: (projectId: string) => string;
}

/** What goes out today and tomorrow; each day is that of the content's project. */
export function Days({ environment, rows, hasMore, zoneOf }: DaysProps) {
  const days = daysOf(rows, useNow(), zoneOf);
  return (
    <section className="panel days" aria-label="Today and tomorrow">
      {days.map(({ name, rows: ofDay }) => (
        <div key={name}>
          <header>
            <h2>{name}</h2>
            <span className="soft small">
              {ofDay.length === 0 ? "nothing scheduled" : `${postsIn(ofDay)}${hasMore[name] ? "+" : ""} to go out`}
            </span>
          </header>
          <ul>
            {ofDay.slice(0, SHOWN).map((row) => {
              const zone = zoneOf(row.projectId);
              const at = new Date(row.scheduledFor);
              return (
                <ContentRow
                  key={row.id}
                  environment={environment}
                  row={row}
                  posts={row.posts}
                  before={
                    <>
                      <time dateTime={row.scheduledFor} title={zone}>
                        {timeOfDay(at, zone)} {foreignClock(at, zone)}
                      </time>{" "}
                    </>
                  }
                />
              );
            })}
          </ul>
          {ofDay.length > SHOWN && (
            <Link className="small" to={pathOf(environment, "calendar")}>
              More in the calendar
            </Link>
          )}
        </div>
      ))}
    </section>
  );
}
