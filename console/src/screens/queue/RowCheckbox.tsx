import { useEffect, useRef } from "react";
import type { Selection } from "./useSelection";

interface RowCheckboxProps {
  readonly ids: readonly string[];
  readonly name: string;
  readonly selection: Selection;
}

/** Selects the posts of a row. It is the browser's own box: hundreds of them open at once. */
export function RowCheckbox({ ids, name, selection }: RowCheckboxProps) {
  const box = useRef<HTMLInputElement>(null);
  const selected = ids.filter(selection.has).length;
  const isSome = selected > 0 && selected < ids.length;
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = isSome;
  }, [isSome]);
  return (
    <label className="queue-check">
      <input
        ref={box}
        type="checkbox"
        aria-label={`Select ${name}`}
        checked={selected === ids.length}
        onChange={({ nativeEvent }) => selection.toggle(ids, (nativeEvent as MouseEvent).shiftKey)}
      />
    </label>
  );
}
