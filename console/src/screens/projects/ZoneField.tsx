import { ChevronsUpDown } from "lucide-react";
import { lazy, Suspense, startTransition, useId, useState } from "react";
import "../../ui/field.css";
import { useNow } from "../../ui/useNow";
import { timeOfDay, timeSentence, zoneLabel } from "./zones";

const load = () => import("./ZoneBox");
const ZoneBox = lazy(load);

export interface ZoneFieldProps {
  readonly value: string;
  readonly onChange: (zone: string) => void;
  readonly error?: string | undefined;
  readonly isDisabled?: boolean;
}

/** A time zone, found by a part of its name. What finds it is loaded once a person is at the field. */
export function ZoneField(props: ZoneFieldProps) {
  const [isWanted, setWanted] = useState(false);
  if (isWanted) {
    return (
      <Suspense>
        <ZoneBox {...props} />
      </Suspense>
    );
  }
  // As a transition, so that the field stays until the other one is there.
  return <ClosedZone {...props} onWanted={() => startTransition(() => setWanted(true))} />;
}

function ClosedZone({ value, error, isDisabled, onWanted }: ZoneFieldProps & { readonly onWanted: () => void }) {
  const id = useId();
  const time = timeOfDay(value, useNow());
  return (
    <div className="field">
      <label htmlFor={id}>Time zone</label>
      <div className="input zone-field" aria-disabled={isDisabled} data-disabled={isDisabled || undefined}>
        <input
          id={id}
          type="text"
          role="combobox"
          aria-expanded={false}
          aria-haspopup="listbox"
          aria-describedby={`${id}description ${id}error`}
          aria-invalid={error !== undefined}
          className="zone-input"
          value={zoneLabel(value)}
          readOnly
          disabled={isDisabled}
          onFocus={onWanted}
          onPointerEnter={() => void load()}
        />
        <ChevronsUpDown aria-hidden />
      </div>
      {time !== null && (
        <span id={`${id}description`} className="description">
          {timeSentence(time)}
        </span>
      )}
      {error !== undefined && (
        <span id={`${id}error`} className="error">
          {error}
        </span>
      )}
    </div>
  );
}
