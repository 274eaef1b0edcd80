import { CalendarClock, ChevronDown } from "lucide-react";
import { Button } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import { shortTime } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import type { QueueChoice } from "./draft";
import type { TimeChipsProps } from "./TimeChips";

type QueueChipsProps = Pick<TimeChipsProps, "draft" | "zone" | "queues" | "queue" | "dispatch">;

/** The next time that a queue has free; behind a menu, the other queues and their ends. */
export default function QueueChips({ draft, zone, queues, queue, dispatch }: QueueChipsProps) {
  const now = useNow();
  const [first] = queues;
  const choose = (id: string, position: QueueChoice["position"]) =>
    dispatch({ type: "queue", queue: { id, position, slotAt: null } });
  const time = queue?.freeAt ? shortTime(new Date(queue.freeAt), now, zone) : null;
  const word = draft.queue?.position === "last" ? "Last" : draft.queue?.slotAt ? "Slot" : "Next slot";
  return (
    <span className="queue-chips">
      <button
        type="button"
        className="time-chip"
        aria-pressed={draft.queue !== null}
        onClick={() => first !== undefined && choose(first.id, "next")}
      >
        {queue === null ? "Next slot" : `${word}: ${queues.length > 1 ? `${queue.name}, ` : ""}${time ?? "…"}`}
      </button>
      <Menu
        label="Add to a queue"
        trigger={
          <Button kind="quiet" isIcon aria-label="Choose a queue">
            <ChevronDown aria-hidden />
          </Button>
        }
      >
        {queues.flatMap(({ id, name }) =>
          (["next", "last"] as const).map((position) => (
            <MenuItem key={`${id} ${position}`} onAction={() => choose(id, position)}>
              <CalendarClock aria-hidden />
              {position === "next" ? `Next slot of ${name}` : `At the end of ${name}`}
            </MenuItem>
          )),
        )}
      </Menu>
    </span>
  );
}
