import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { Environment } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import { LabelFilter } from "../../labels/LabelFilter";
import { accountName, PLATFORMS, platformName } from "../../platforms/platforms";
import { accountsQuery } from "../../posts/accounts";
import { MODE_LABELS } from "../../posts/modes";
import { STATUS_LABELS } from "../../posts/StatusBadge";
import { Button } from "../../ui/Button";
import { FilterMenu } from "../../ui/FilterMenu";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { AFTERWARDS, FILTERS, isFiltered, listOf, MODES, type QueueSearch, textOf } from "./search";
import { type View, viewOf } from "./views";

const AFTERWARDS_LABELS: Readonly<Record<(typeof AFTERWARDS)[number], string>> = {
  live: "Still live",
  taking_down: "Being taken down",
  taken_down: "Taken down",
  gone: "Gone",
  not_taken_down: "Not taken down",
};

interface FiltersProps {
  readonly environment: Environment;
  readonly search: QueueSearch;
  readonly onChange: (change: Partial<QueueSearch>) => void;
}

/** What narrows the view, beside the text. */
export function Filters({ environment, search, onChange }: FiltersProps) {
  const projects = useQuery(projectsQuery(environment)).data ?? [];
  const accounts = useQuery(accountsQuery(environment)).data ?? [];
  const view = viewOf(search.view);
  const { statuses }: View = view;
  const shown = accounts.filter(({ projectId }) => search.project === undefined || projectId === search.project);
  return (
    <>
      <FilterMenu
        label="Project"
        choices={projects.map(({ id, name }) => ({ id, label: name }))}
        value={listOf(search.project)}
        onChange={([project]) => onChange({ project, account: undefined })}
      />
      <FilterMenu
        label="Account"
        choices={shown.map((account) => ({
          id: account.socialAccountId,
          label: accountName(account.platform, account.handle),
          icon: <PlatformIcon platform={account.platform} />,
        }))}
        value={listOf(search.account)}
        onChange={([account]) => onChange({ account })}
      />
      <FilterMenu
        label="Platform"
        isMultiple
        choices={PLATFORMS.map((id) => ({ id, label: platformName(id) }))}
        value={listOf(search.platform)}
        onChange={(platforms) => onChange({ platform: textOf(platforms) })}
      />
      <FilterMenu
        label="Mode"
        isMultiple
        choices={MODES.map((id) => ({ id, label: MODE_LABELS[id] }))}
        value={listOf(search.mode)}
        onChange={(modes) => onChange({ mode: textOf(modes) })}
      />
      <LabelFilter
        environment={environment}
        projectId={search.project}
        value={search.label}
        onChange={(label) => onChange({ label })}
      />
      {statuses.length > 1 && (
        <FilterMenu
          label="Status"
          isMultiple
          choices={statuses.map((id) => ({ id, label: STATUS_LABELS[id] }))}
          value={listOf(search.status)}
          onChange={(some) => onChange({ status: textOf(some) })}
        />
      )}
      {view.id === "done" && (
        <FilterMenu
          label="Afterwards"
          isMultiple
          choices={AFTERWARDS.map((id) => ({ id, label: AFTERWARDS_LABELS[id] }))}
          value={listOf(search.live)}
          onChange={(some) => onChange({ live: textOf(some) })}
        />
      )}
      {isFiltered(search) && (
        <Button
          kind="quiet"
          onPress={() => onChange({ q: undefined, ...Object.fromEntries(FILTERS.map((name) => [name, undefined])) })}
        >
          <X aria-hidden /> Clear
        </Button>
      )}
    </>
  );
}
