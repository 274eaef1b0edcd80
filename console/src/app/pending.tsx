import { CardSkeletons } from "../screens/library/CardSkeletons";
import { SkeletonRows } from "../ui/Skeleton";
import { Screen } from "./Screen";

/** What takes the place of a screen until its program is there: the frame and the shape of the screen. */
export const PENDING = { pendingMs: 50, pendingMinMs: 0 } as const;

export function HomePending() {
  return (
    <Screen title="Home">
      <SkeletonRows rows={4} height="120px" />
    </Screen>
  );
}

export function CalendarPending() {
  return (
    <Screen title="Calendar">
      <SkeletonRows rows={6} height="128px" />
    </Screen>
  );
}

export function LibraryPending() {
  return (
    <Screen title="Library">
      <CardSkeletons />
    </Screen>
  );
}
