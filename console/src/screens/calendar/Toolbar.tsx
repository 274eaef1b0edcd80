import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ChevronDown, ChevronLeft, ChevronRight } from "lucide-react";
import type { Environment } from "presswork-client";
import { lazy, Suspense } from "react";
import { projectsQuery, sharedZone } from "../../api/projects";
import { accountName } from "../../platforms/platforms";
import { accountsQuery } from "../../posts/accounts";
import { Button } from "../../ui/Button";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Select } from "../../ui/Select";
import { viewerZone } from "../../ui/times";
import { useLater } from "../../ui/useLater";
import type { CalendarSearch, ViewName } from "./search";

const route = getRouteApi("/$environment/calendar");
const ALL = "all";
const LabelFilter = lazy(() => import("../../labels/LabelFilter").then((found) => ({ default: found.LabelFilter })));
/** What stands for the filter until it is loaded, after the posts. */
const LABEL = (
  <Button kind="quiet" isDisabled>
    Label <ChevronDown aria-hidden />
  </Button>
);

interface ToolbarProps {
  readonly environment: Environment;
  readonly title: string;
  readonly view: ViewName;
  readonly zone: string;
  readonly onTurn: (pages: number) => void;
}

/** Which days are shown, whose posts, and in which zone. */
export function Toolbar({ environment, title, view, zone, onTurn }: ToolbarProps) {
  const { project } = route.useSearch();
  return (
    <div className="calendar-tools">
      <div className="calendar-pages">
        <Button isIcon kind="quiet" aria-label={`Previous ${view}`} onPress={() => onTurn(-1)} data-turns>
          <ChevronLeft aria-hidden />
        </Button>
        <Button onPress={() => onTurn(0)}>Today</Button>
        <Button isIcon kind="quiet" aria-label={`Next ${view}`} onPress={() => onTurn(1)} data-turns>
          <ChevronRight aria-hidden />
        </Button>
        <h2 aria-live="polite">{title}</h2>
      </div>
      <div className="calendar-filters">
        <Filters environment={environment} />
        {project === undefined ? (
          <ZoneChoice environment={environment} zone={zone} />
        ) : (
          <span className="soft small" title="The time zone of the project">
            {zone}
          </span>
        )}
      </div>
    </div>
  );
}

function Filters({ environment }: { readonly environment: Environment }) {
  const { project, account, label } = route.useSearch();
  const isLater = useLater();
  const show = useShow();
  const projects = useQuery(projectsQuery(environment));
  const accounts = useQuery(accountsQuery(environment));
  const ofProject = accounts.data?.filter(({ projectId }) => project === undefined || projectId === project);
  return (
    <>
      <Select
        label="Project"
        isLabelHidden
        choices={[
          { id: ALL, label: "All projects" },
          ...(projects.data ?? []).map(({ id, name }) => ({ id, label: name })),
        ]}
        value={project ?? ALL}
        onChange={(id) => show({ project: id === ALL ? undefined : id, account: undefined })}
      />
      <Select
        label="Account"
        isLabelHidden
        choices={[
          { id: ALL, label: "All accounts" },
          ...(ofProject ?? []).map(({ socialAccountId, handle, platform }) => ({
            id: socialAccountId,
            label: accountName(platform, handle),
            icon: <PlatformIcon platform={platform} />,
          })),
        ]}
        value={account ?? ALL}
        onChange={(id) => show({ account: id === ALL ? undefined : id })}
      />
      <Suspense fallback={LABEL}>
        {isLater || label !== undefined ? (
          <LabelFilter
            environment={environment}
            projectId={project}
            value={label}
            onChange={(chosen) => show({ label: chosen })}
          />
        ) : (
          LABEL
        )}
      </Suspense>
    </>
  );
}

function ZoneChoice({ environment, zone }: { readonly environment: Environment; readonly zone: string }) {
  const show = useShow();
  const projects = useQuery(projectsQuery(environment));
  const own = viewerZone();
  const others = new Set([...(projects.data ?? []).map(({ timezone }) => timezone), "UTC", zone]);
  others.delete(own);
  return (
    <Select
      label="Time zone"
      isLabelHidden
      choices={[{ id: own, label: `${own} (yours)` }, ...[...others].toSorted().map((id) => ({ id, label: id }))]}
      value={zone}
      onChange={(id) => show({ zone: id === sharedZone(projects.data ?? []) ? undefined : id })}
    />
  );
}

function useShow() {
  const navigate = route.useNavigate();
  return (change: CalendarSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false });
}
