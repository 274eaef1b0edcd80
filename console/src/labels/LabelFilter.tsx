import { useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { useState } from "react";
import { FilterMenu } from "../ui/FilterMenu";
import { labelsQuery } from "./queries";

interface LabelFilterProps {
  readonly environment: Environment;
  /** Whose labels are offered; undefined: those of all projects. */
  readonly projectId: string | undefined;
  readonly value: readonly string[] | undefined;
  readonly onChange: (labels: readonly string[] | undefined) => void;
}

/** Chooses labels: what has any of them is shown. They are read once the menu is opened. */
export function LabelFilter({ environment, projectId, value = [], onChange }: LabelFilterProps) {
  const [isOpened, setOpened] = useState(false);
  const labels = useQuery({ ...labelsQuery(environment, projectId), enabled: isOpened });
  const names = new Set([...(labels.data ?? []).map(({ label }) => label), ...value]);
  return (
    <FilterMenu
      label="Label"
      isMultiple
      choices={[...names].map((id) => ({ id, label: id }))}
      value={value}
      onChange={(chosen) => onChange(chosen.length === 0 ? undefined : chosen)}
      onOpen={() => setOpened(true)}
    />
  );
}
