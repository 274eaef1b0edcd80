import { Plus } from "lucide-react";
import { useCalendar } from "./context";
import { dayOf, minuteOf, timeOf } from "./dates";
import { useMoving } from "./moving";
import type { Slot } from "./slots";
import "./slot-item.css";

interface SlotItemProps {
  readonly slot: Slot;
  /** Whether the Tab key comes here. */
  readonly isReachable: boolean;
}

/** A free time of a queue: a click starts a post there, and a post that is dropped on it takes it. */
export default function SlotItem({ slot, isReachable }: SlotItemProps) {
  const { zone, composeInSlot } = useCalendar();
  const time = timeOf(slot.slotAt, zone);
  const [day, minute] = [dayOf(slot.slotAt, zone), minuteOf(slot.slotAt, zone)];
  const isTarget = useMoving((moving) => moving?.target?.day === day && moving.target.minute === minute);
  return (
    <li className={isTarget ? "slot-item target" : "slot-item"} data-minute={minute}>
      <button
        type="button"
        tabIndex={isReachable ? 0 : -1}
        disabled={composeInSlot === null}
        onClick={() => composeInSlot?.(slot)}
      >
        <span className="row-item-time">{time}</span> <span className="cut">{slot.queueName}</span>
        <span className="visually-hidden">, free: start a post</span>
        <Plus aria-hidden />
      </button>
    </li>
  );
}
