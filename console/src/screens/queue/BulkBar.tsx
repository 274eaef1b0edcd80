import { X } from "lucide-react";
import { ACTIONS } from "../../posts/actions/actions";
import { ACTION_IDS, type ActionId } from "../../posts/actions/ids";
import { Button } from "../../ui/Button";
import { MAX_SELECTED, type Selection } from "./useSelection";

interface BulkBarProps {
  readonly selection: Selection;
  readonly onAct: (action: ActionId) => void;
}

/** What can be done with the selected posts. */
export function BulkBar({ selection, onAct }: BulkBarProps) {
  return (
    <section className="bulk-bar" aria-label="Selected posts">
      <strong>{selection.size} selected</strong>
      {selection.size === MAX_SELECTED && <span className="soft small">at most</span>}
      <Button kind="quiet" isIcon aria-label="Select nothing" onPress={() => selection.set([])}>
        <X aria-hidden />
      </Button>
      <span className="bulk-actions">
        {ACTION_IDS.map((id) => {
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
