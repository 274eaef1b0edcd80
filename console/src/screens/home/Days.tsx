import { Link } from "@tanstack/react-router";
import type { Environment, FoundPost } from "presswork-client";
import { accountName } from "../../platforms/platforms";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { foreignClock, timeOfDay } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import { Row } from "./Card";
import { daysOf, together } from "./days";
import { pathOf } from "./pathOf";
import { SHOWN } from "./useNeeds";

interface DaysProps {
  readonly environment: Environment;
  readonly posts: readonly FoundPost[];
  /** Whether a day has more posts than were read. */
  readonly hasMore: Readonly<Record<"Today" | "Tomorrow", boolean>>;
  readonly zoneOf: (projectId: string) => string;
}

/** What goes out today and tomorrow; each day is that of the post's project. */
export function Days({ environment, posts, hasMore, zoneOf }: DaysProps) {
  const now = useNow();
  const days = daysOf(posts, now, zoneOf).map((day) => ({ ...day, groups: together(day.posts) }));
  return (
    <section className="panel days" aria-label="Today and tomorrow">
      {days.map(({ name, posts: ofDay, groups }) => (
        <div key={name}>
          <header>
            <h2>{name}</h2>
            <span className="soft small">
              {ofDay.length === 0 ? "nothing scheduled" : `${ofDay.length}${hasMore[name] ? "+" : ""} to go out`}
            </span>
          </header>
          <ul>
            {groups.slice(0, SHOWN).map(([first, ...others]) => {
              const zone = zoneOf(first.projectId);
              const at = new Date(first.scheduledFor);
              return (
                <Row
                  key={first.id}
                  hasThumbnail
                  thumbnailUrl={first.thumbnailUrl}
                  to={
                    others.length === 0
                      ? pathOf(environment, "posts", first.id)
                      : pathOf(environment, "content", first.containerId)
                  }
                  title={first.caption || "Without a caption"}
                >
                  <time dateTime={first.scheduledFor} title={zone}>
                    {timeOfDay(at, zone)} {foreignClock(at, zone)}
                  </time>{" "}
                  <PlatformIcon platform={first.platform} /> {accountName(first.platform, first.account.handle)}
                  {others.length > 0 && ` and ${others.length} more`}
                </Row>
              );
            })}
          </ul>
          {groups.length > SHOWN && (
            <Link className="small" to={pathOf(environment, "calendar")}>
              More in the calendar
            </Link>
          )}
        </div>
      ))}
    </section>
  );
}
