import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { messageOf } from "../../api/errors";
import { Screen } from "../../app/Screen";
import { Badge } from "../../ui/Badge";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { viewerZone } from "../../ui/times";
import { projectQuery } from "./queries";
import { useCalendarEvents } from "./refresh";
import { ZonedCalendar } from "./ZonedCalendar";
import "./calendar.css";

const route = getRouteApi("/$environment/calendar");

/** When posts are due: by month or week, in the zone of their project, live. */
export default function Calendar() {
  const { environment } = route.useParams();
  const { project: projectId, zone: chosenZone, view = "month" } = route.useSearch();
  const live = useCalendarEvents(environment);
  const project = useQuery({ ...projectQuery(environment, projectId ?? ""), enabled: projectId !== undefined });
  const zone = projectId === undefined ? (chosenZone ?? viewerZone()) : project.data?.timezone;
  return (
    <Screen
      title="Calendar"
      aside={
        live === "lost" ? <Badge tone="warn">not live</Badge> : live === "live" ? <Badge tone="good">live</Badge> : null
      }
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
      {project.isError && projectId !== undefined && (
        <Notice tone="bad" title="The project could not be read">
          {messageOf(project.error)}{" "}
          <Link to="/$environment/calendar" params={{ environment }}>
            Show all projects
          </Link>
        </Notice>
      )}
      {zone === undefined ? (
        project.isPending && <SkeletonRows rows={8} height="96px" />
      ) : (
        <ZonedCalendar key={environment} environment={environment} zone={zone} />
      )}
    </Screen>
  );
}
