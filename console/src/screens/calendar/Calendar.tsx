import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { messageOf } from "../../api/errors";
import { projectsQuery, sharedZone } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { LiveBadge } from "../../posts/LiveBadge";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { viewerZone } from "../../ui/times";
import { useCalendarEvents } from "./refresh";
import { ZonedCalendar } from "./ZonedCalendar";
import "./calendar.css";

const route = getRouteApi("/$environment/calendar");

/** When posts are due: by month or week, in the zone of their project, live. */
export default function Calendar() {
  const { environment } = route.useParams();
  const { project: projectId, zone: chosenZone, view = "month" } = route.useSearch();
  const live = useCalendarEvents(environment);
  const projects = useQuery(projectsQuery(environment));
  const ownZone = projects.data?.find(({ id }) => id === projectId)?.timezone;
  const zoneOfAll = projects.data ? sharedZone(projects.data) : projects.isError ? viewerZone() : undefined;
  const zone = projectId === undefined ? (chosenZone ?? zoneOfAll) : ownZone;
  return (
    <Screen
      title="Calendar"
      aside={<LiveBadge state={live} />}
      actions={
        <nav className="calendar-views" aria-label="Views">
          {(["month", "week"] as const).map((name) => (
            <Link
              key={name}
              to="/$environment/calendar"
              params={{ environment }}
              search={(before) => ({ ...before, view: name })}
              activeProps={{}}
              aria-current={view === name ? "page" : undefined}
            >
              {name === "month" ? "Month" : "Week"}
            </Link>
          ))}
        </nav>
      }
    >
      {zone !== undefined ? (
        <ZonedCalendar key={environment} environment={environment} zone={zone} />
      ) : projects.isPending ? (
        <SkeletonRows rows={6} height="128px" />
      ) : (
        <Notice
          tone="bad"
          title={projects.error === null ? "There is no such project" : "The projects could not be read"}
        >
          {projects.error !== null && <p>{messageOf(projects.error)}</p>}
          <Link to="/$environment/calendar" params={{ environment }}>
            Show the calendar of all projects
          </Link>
        </Notice>
      )}
    </Screen>
  );
}
