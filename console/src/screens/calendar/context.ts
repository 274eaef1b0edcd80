import type { Environment } from "presswork-client";
import { createContext, useContext } from "react";
import type { Row } from "../../posts/groups";
import type { FocusPlace } from "./dates";
import type { Whose } from "./queries";
import type { CountsByDay } from "./rows";
import type { ViewName } from "./search";
import type { Slot, SlotsByDay } from "./slots";
import type { Moves } from "./useMoves";

/** What all parts of the calendar know. */
export interface CalendarContext {
  readonly environment: Environment;
  readonly view: ViewName;
  readonly zone: string;
  readonly today: string;
  readonly locale: string;
  readonly whose: Whose;
  /** Undefined until they are read. */
  readonly counts: CountsByDay | undefined;
  readonly moves: Moves;
  readonly slots: SlotsByDay;
  /** Whether the person may move posts. */
  readonly mayMove: boolean;
  /** Whether there are cells to drag posts to. */
  readonly hasGrid: boolean;
  /** How many rows a day of a month shows. */
  readonly rowsPerDay: number;
  /** How many accounts a line in a cell shows. */
  readonly marks: number;
  readonly openDay: (day: string) => void;
  readonly openMenu: (menu: OpenMenu) => void;
  /** Starts a post for a day or an hour; null for a person who may not write any. */
  readonly compose: ((place: FocusPlace) => void) | null;
  /** Starts a post that takes a free slot of a queue; null as above. */
  readonly composeInSlot: ((slot: Slot) => void) | null;
}

/** The menu of a row, and the button that it belongs to. */
export interface OpenMenu {
  readonly row: Row;
  readonly button: HTMLElement;
}

const Context = createContext<CalendarContext | null>(null);

export const CalendarProvider = Context.Provider;

/** Returns what the calendar around a component knows. */
export function useCalendar(): CalendarContext {
  const context = useContext(Context);
  if (context === null) throw new Error("This part belongs into the calendar.");
  return context;
}
