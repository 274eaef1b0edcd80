import { useQuery } from "@tanstack/react-query";
import FilterChoices from "../ui/FilterChoices";
import type { OverlayPlace } from "../ui/Overlay";
import type { LabelFilterProps } from "./LabelFilter";
import { labelsQuery } from "./queries";

interface LabelChoicesProps extends LabelFilterProps {
  readonly place: OverlayPlace;
}

/** The labels that a filter can be set to. */
export default function LabelChoices({ environment, projectId, value = [], onChange, place }: LabelChoicesProps) {
  const labels = useQuery(labelsQuery(environment, projectId));
  const names = new Set([...(labels.data ?? []).map(({ label }) => label), ...value]);
  return (
    <FilterChoices
      // It focuses its first entry once it has them all.
      key={String(labels.isPending)}
      label="Label"
      isMultiple
      choices={[...names].map((id) => ({ id, label: id }))}
      value={value}
      onChange={(chosen) => onChange(chosen.length === 0 ? undefined : chosen)}
      place={place}
    />
  );
}
