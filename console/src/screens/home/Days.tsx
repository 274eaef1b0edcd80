import { Link } from "@tanstack/react-router";
import type { Environment, FoundPost } from "presswork-client";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { timeOfDay } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import { Row } from "./Card";
import { daysOf } from "./days";
import { pathOf } from "./pathOf";
import { SHOWN } from "./useNeeds";

interface DaysProps {
  readonly environment: Environment;
  readonly posts: readonly FoundPost[];
  readonly hasMore: boolean;
  readonly zoneOf: (projectId: string) => string;
}

/** What goes out today and tomorrow; each day is that of the post's project. */
export function Days({ environment, posts, hasMore, zoneOf }: DaysProps) {
  const now = useNow();
  const days = daysOf(posts, now, zoneOf);
  return (
    <section className="panel days" aria-label="Today and tomorrow">
      {days.map(({ name, posts: ofDay }) => (
        <div key={name}>
          <header>
            <h2>{name}</h2>
            <span className="soft small">
              {ofDay.length === 0 ? "nothing scheduled" : `${ofDay.length}${hasMore ? "+" : ""} to go out`}
            </span>
          </header>
          <ul>
            {ofDay.slice(0, SHOWN).map((post) => (
              <Row
                key={post.id}
                hasThumbnail
                thumbnailUrl={post.thumbnailUrl}
                to={pathOf(environment, "posts", post.id)}
                title={post.caption || "Without a caption"}
              >
                <time dateTime={post.scheduledFor} title={zoneOf(post.projectId)}>
                  {timeOfDay(new Date(post.scheduledFor), zoneOf(post.projectId))}
                </time>{" "}
                <PlatformIcon platform={post.platform} /> @{post.account.handle}
              </Row>
            ))}
          </ul>
          {ofDay.length > SHOWN && (
            <Link className="small" to={pathOf(environment, "calendar")}>
              {ofDay.length - SHOWN} more
            </Link>
          )}
        </div>
      ))}
    </section>
  );
}
