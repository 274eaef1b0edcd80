import { ChevronDown } from "lucide-react";
import { lazy, type ReactNode } from "react";
import { Button } from "./Button";
import { Overlay } from "./Overlay";

const load = () => import("./FilterChoices");
const FilterChoices = lazy(load);

export interface FilterChoice {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
}

export interface FilterMenuProps {
  readonly label: string;
  readonly choices: readonly FilterChoice[];
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
  readonly isMultiple?: boolean;
}

/** A filter: its button names what it is set to, its menu sets it. A long menu can be searched. */
export function FilterMenu(props: FilterMenuProps) {
  const { label, choices, value } = props;
  const isSet = value.length > 0;
  const names = value.map((id) => choices.find((choice) => choice.id === id)?.label ?? "…");
  return (
    <Overlay
      kind="menu"
      load={load}
      trigger={
        <Button kind={isSet ? "plain" : "quiet"}>
          {isSet ? `${label}: ${names[0]}${names.length > 1 ? ` +${names.length - 1}` : ""}` : label}
          <ChevronDown aria-hidden />
        </Button>
      }
    >
      {(place) => <FilterChoices {...props} place={place} />}
    </Overlay>
  );
}
