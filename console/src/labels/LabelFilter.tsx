import { ChevronDown } from "lucide-react";
import type { Environment } from "presswork-client";
import { lazy } from "react";
import { Button } from "../ui/Button";
import { Overlay } from "../ui/Overlay";

const load = () => import("./LabelChoices");
const LabelChoices = lazy(load);

export interface LabelFilterProps {
  readonly environment: Environment;
  /** Whose labels are offered; undefined: those of all projects. */
  readonly projectId: string | undefined;
  readonly value: readonly string[] | undefined;
  readonly onChange: (labels: readonly string[] | undefined) => void;
}

/** Chooses labels: what has any of them is shown. They are read once the menu is opened. */
export function LabelFilter(props: LabelFilterProps) {
  const [first, ...others] = props.value ?? [];
  return (
    <Overlay
      kind="menu"
      load={load}
      trigger={
        <Button kind={first === undefined ? "quiet" : "plain"}>
          {first === undefined ? "Label" : `Label: ${first}${others.length > 0 ? ` +${others.length}` : ""}`}
          <ChevronDown aria-hidden />
        </Button>
      }
    >
      {(place) => <LabelChoices {...props} place={place} />}
    </Overlay>
  );
}
