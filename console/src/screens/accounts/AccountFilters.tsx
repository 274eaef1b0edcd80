import type { AccountStatus, PlatformName, Project } from "presswork-client";
import { PLATFORMS, platformName } from "../../platforms/platforms";
import { SearchField } from "../../ui/SearchField";
import { Select } from "../../ui/Select";
import type { AccountFilter } from "./filters";

interface AccountFiltersProps {
  readonly filter: AccountFilter;
  readonly projects: readonly Project[];
  readonly onChange: (change: AccountFilter) => void;
}

const STATUS_CHOICES: readonly { readonly id: AccountStatus | "all"; readonly label: string }[] = [
  { id: "all", label: "In use" },
  { id: "reauth_required", label: "Access ended" },
  { id: "connected", label: "Connected" },
  { id: "disconnected", label: "Disconnected" },
];

/** Which accounts are shown. */
export function AccountFilters({ filter, projects, onChange }: AccountFiltersProps) {
  return (
    <search className="account-filters">
      <SearchField label="Search handles" value={filter.q ?? ""} onSearch={(q) => onChange({ q: q || undefined })} />
      <Select
        label="Project"
        isLabelHidden
        choices={[{ id: "all", label: "All projects" }, ...projects.map(({ id, name }) => ({ id, label: name }))]}
        value={filter.project ?? "all"}
        onChange={(id) => onChange({ project: id === "all" ? undefined : id })}
      />
      <Select
        label="Platform"
        isLabelHidden
        choices={[
          { id: "all" as PlatformName | "all", label: "All platforms" },
          ...PLATFORMS.map((id) => ({ id, label: platformName(id) })),
        ]}
        value={filter.platform ?? "all"}
        onChange={(id) => onChange({ platform: id === "all" ? undefined : id })}
      />
      <Select
        label="Status"
        isLabelHidden
        choices={STATUS_CHOICES}
        value={filter.status ?? "all"}
        onChange={(id) => onChange({ status: id === "all" ? undefined : id })}
      />
    </search>
  );
}
