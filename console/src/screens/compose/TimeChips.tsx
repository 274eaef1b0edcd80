import type { ZonedDateTime } from "@internationalized/date";
import { CalendarClock } from "lucide-react";
import type { Environment, Queue } from "presswork-client";
import { type Dispatch, lazy, Suspense } from "react";
import { Button } from "../../ui/Button";
import { Overlay } from "../../ui/Overlay";
import { shortTime } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import type { Action, Draft } from "./draft";
import type { Finding } from "./findings";
import { type ChosenQueue, instantOf } from "./intention";

const load = () => import("./TimePicker");
/** The library of times is loaded when one is chosen. */
const times = () => import("./times");
const TimePicker = lazy(load);
const QueueChips = lazy(() => import("./QueueChips"));

export interface TimeChipsProps {
  readonly environment: Environment;
  readonly draft: Draft;
  /** The project's zone. */
  readonly zone: string;
  /** The queues of the project. */
  readonly queues: readonly Queue[];
  readonly queue: ChosenQueue | null;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** When it goes out: now, at a usual time, or at one that is picked, in the project's zone. */
export function TimeChips(props: TimeChipsProps) {
  const { draft, zone, queues, queue, dispatch } = props;
  const now = useNow();
  const { laterAt } = draft;
  const instant = instantOf(draft);
  const set = (time: ZonedDateTime | null) => dispatch({ type: "when", laterAt: time?.toString() ?? null });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of buttons is no fieldset
    <div className="time-chips" role="group" aria-label="When it goes out">
      <button
        type="button"
        className="time-chip"
        aria-pressed={laterAt === null && draft.queue === null}
        onClick={() => set(null)}
      >
        Now
      </button>
      <Button kind="quiet" onPress={async () => set((await times()).inAnHour(zone))}>
        In 1 h
      </Button>
      <Button kind="quiet" onPress={async () => set((await times()).tomorrowAtNine(zone))}>
        Tomorrow 9:00
      </Button>
      {queues.length > 0 && (
        <Suspense>
          <QueueChips {...{ draft, zone, queues, queue, dispatch }} />
        </Suspense>
      )}
      <span>
        <Overlay
          kind="dialog"
          load={load}
          onOpen={async () => laterAt === null && set((await times()).nextHour(zone))}
          trigger={
            <Button
              kind={laterAt === null ? "quiet" : "plain"}
              {...(laterAt !== null && { "aria-description": "chosen" })}
            >
              <CalendarClock aria-hidden />
              {instant === null ? "Pick a time" : shortTime(new Date(instant), now, zone)}
            </Button>
          }
        >
          {(place) => <TimePicker {...props} place={place} onChange={set} />}
        </Overlay>
        <span hidden data-field="when" />
      </span>
    </div>
  );
}
