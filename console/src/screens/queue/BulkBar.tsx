import { X } from "lucide-react";
import { ACTIONS } from "../../posts/actions/actions";
import { ACTION_IDS, type ActionId, isBulk } from "../../posts/actions/ids";
import { numberOf } from "../../posts/queuedCount";
import { Button } from "../../ui/Button";
import { MAX_SELECTED, type Selection } from "./useSelection";

interface BulkBarProps {
  readonly selection: Selection;
  /** How many posts match, where all of them are selected. */
  readonly total: number | undefined;
  /** Whether the list has posts that are live. */
  readonly hasLive: boolean;
  readonly onAct: (action: ActionId) => void;
}

/** What can be done with the selected posts. */
export default function BulkBar({ selection, total, hasLive, onAct }: BulkBarProps) {
  const { isAll, ids } = selection;
  const possible = ACTION_IDS.filter((id) => (!isAll || isBulk(id)) && (id !== "takeDown" || hasLive));
  return (
    <section className="bulk-bar" aria-label="Selected posts">
      <strong>{isAll ? (total === undefined ? "All" : numberOf(total)) : ids.length} selected</strong>
      {ids.length === MAX_SELECTED && <span className="soft small">at most</span>}
      <Button kind="quiet" isIcon aria-label="Select nothing" onPress={() => selection.set([])}>
        <X aria-hidden />
      </Button>
      <span className="bulk-actions">
        {possible.map((id) => {
          const { label, icon: Icon, isDangerous } = ACTIONS[id];
          return (
            <Button key={id} kind={isDangerous ? "danger" : "plain"} onPress={() => onAct(id)}>
              <Icon aria-hidden /> {label}
            </Button>
          );
        })}
      </span>
    </section>
  );
}
