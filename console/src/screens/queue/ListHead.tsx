import { Keyboard, RefreshCw } from "lucide-react";
import type { ScheduledPost } from "presswork-client";
import type { PressEvent } from "react-aria-components";
import { countOf } from "../../posts/actions/actions";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { MAX_SELECTED, type Selection } from "./useSelection";

interface ListHeadProps {
  readonly rows: readonly ScheduledPost[];
  readonly hasMore: boolean;
  readonly added: number;
  /** How many rows have come or gone while the list stands still. */
  readonly changed: number;
  readonly selection: Selection | null;
  readonly onRelease: (press: PressEvent) => void;
  readonly onKeys: () => void;
}

/** Above the rows: how many there are, all of them to select, and what has changed while they stand still. */
export function ListHead({ rows, hasMore, added, changed, selection, onRelease, onKeys }: ListHeadProps) {
  const selected = rows.filter(({ id }) => selection?.has(id)).length;
  const all = rows.slice(0, MAX_SELECTED).map(({ id }) => id);
  const count = `${countOf(rows)}${hasMore ? " so far" : ""}`;
  return (
    <div className="queue-head">
      {selection === null ? (
        <span className="soft small">{count}</span>
      ) : (
        <Checkbox
          aria-label={`Select all ${all.length}`}
          isSelected={selected > 0 && selected >= all.length}
          isIndeterminate={selected > 0 && selected < all.length}
          onChange={(isSelected) => selection.set(isSelected ? all : [])}
        >
          <span className="soft small">{count}</span>
        </Checkbox>
      )}
      {changed > 0 && (
        <Button kind="quiet" onPress={onRelease}>
          <RefreshCw aria-hidden /> {added > 0 ? `${added} new` : "Update the list"}
        </Button>
      )}
      <span className="queue-keys">
        <Button kind="quiet" isIcon aria-label="Keyboard shortcuts" onPress={onKeys}>
          <Keyboard aria-hidden />
        </Button>
      </span>
    </div>
  );
}
