import type { Environment } from "presswork-client";
import { createContext, useContext } from "react";
import type { CalendarPost, CountsByDay } from "./posts";
import type { Whose } from "./queries";
import type { ViewName } from "./search";
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
  /** Whether the person may move posts. */
  readonly mayMove: boolean;
  /** Whether there are cells to drag posts to. */
  readonly hasGrid: boolean;
  readonly openDay: (day: string) => void;
  readonly openMenu: (menu: OpenMenu) => void;
}

/** The menu of a post, and the button that it belongs to. */
export interface OpenMenu {
  readonly post: CalendarPost;
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
