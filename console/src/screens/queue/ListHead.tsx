import { Download, Keyboard, RefreshCw } from "lucide-react";
import type { MouseEvent } from "react";
import { countOf } from "../../posts/actions/actions";
import type { Row } from "../../posts/groups";
import { numberOf } from "../../posts/queuedCount";
import { Button, buttonClass } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { ALL } from "./search";
import { areAllSelected, MAX_SELECTED, type Selection } from "./useSelection";

interface ListHeadProps {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  /** How many posts match, once that is asked for. */
  readonly total: number | undefined;
  readonly added: number;
  /** How many rows have come or gone while the list stands still. */
  readonly changed: number;
  readonly selection: Selection | null;
  /** Where the posts of the list, also those that are not loaded, are downloaded. */
  readonly exportUrl: string;
  readonly onRelease: (press: MouseEvent) => void;
  readonly onKeys: () => void;
}

/** Above the rows: how many posts there are, all of them to select, and what has changed while they stand still. */
export function ListHead(props: ListHeadProps) {
  const { rows, hasMore, total, added, changed, selection, exportUrl, onRelease, onKeys } = props;
  const loaded = rows.flatMap(({ posts }) => posts.map(({ id }) => id));
  const all = loaded.slice(0, MAX_SELECTED);
  const selected = selection === null ? 0 : loaded.filter(selection.has).length;
  const count = `${countOf(loaded)}${hasMore ? " so far" : ""}`;
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
      {selection !== null &&
        !selection.isAll &&
        areAllSelected(selection, rows) &&
        total !== undefined &&
        total > selected && (
          <Button kind="quiet" onPress={() => selection.set([ALL])}>
            Select all {numberOf(total)} that match
          </Button>
        )}
      <a
        className={`${buttonClass("quiet", true)} queue-export`}
        href={exportUrl}
        download
        aria-label="Export these posts as CSV"
        title="Export as CSV"
      >
        <Download aria-hidden />
      </a>
      <span className="queue-keys">
        <Button kind="quiet" isIcon aria-label="Keyboard shortcuts" onPress={onKeys}>
          <Keyboard aria-hidden />
        </Button>
      </span>
    </div>
  );
}
