import { lazy, Suspense } from "react";
import type { Slot } from "./slots";

const SlotItem = lazy(() => import("./SlotItem"));

interface FreeSlotsProps {
  readonly slots: readonly Slot[];
  /** Whether the Tab key comes to them. */
  readonly isReachable: boolean;
}

/** Free slots, below the posts of a day or an hour. */
export function FreeSlots({ slots, isReachable }: FreeSlotsProps) {
  if (slots.length === 0) return null;
  return (
    <Suspense>
      {slots.map((slot) => (
        <SlotItem key={`${slot.queueId} ${slot.slotAt}`} slot={slot} isReachable={isReachable} />
      ))}
    </Suspense>
  );
}
