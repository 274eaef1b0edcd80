import { useEffect, useRef } from "react";
import { captionLine } from "../../posts/captionLine";
import { useCalendar } from "./context";
import { type FocusPlace, landingOf, landingSentence, steppedTarget } from "./dates";
import { type Moving, setMoving, useMoving } from "./moving";
import { movable } from "./rows";
import "./moving-bar.css";

interface MovingBarProps {
  /** Called when keys move a row to a day, which may not be shown yet. */
  readonly onReach: (place: FocusPlace) => void;
}

/** Names the instant that a row is being moved to, for eyes and ears; and moves it by keys. */
export function MovingBar({ onReach }: MovingBarProps) {
  const { zone } = useCalendar();
  const moving = useMoving((current) => current);
  useKeys(moving, onReach);
  useEffect(() => () => setMoving(null), []);
  const landing = moving?.target && landingOf(moving.row.scheduledFor, moving.target, zone);
  const isOver = landing !== null && landing !== undefined && landing.instant < new Date();
  const sentence = landing ? landingSentence(landing, zone) : "Drop it on a day. Escape leaves it where it is.";
  return (
    <>
      <div className={moving === null ? "visually-hidden" : `moving-bar${isOver ? " over" : ""}`}>
        <strong role="status" aria-atomic>
          {moving !== null && (isOver ? `${sentence} This is over; a post can't be moved there.` : sentence)}
        </strong>
        {moving?.by === "keys" && (
          <span className="soft small">Arrow keys move it, Enter drops it, Escape leaves it where it was.</span>
        )}
      </div>
      {moving?.by === "pointer" && <Ghost moving={moving} />}
    </>
  );
}

function useKeys(moving: Moving | null, onReach: (place: FocusPlace) => void): void {
  const { moves } = useCalendar();
  useEffect(() => {
    if (moving?.by !== "keys" || moving.target === null) return;
    const { row, target } = moving;
    const press = (event: KeyboardEvent) => {
      const stepped = steppedTarget(event.key, target);
      const isEnd = event.key === "Enter" || event.key === "Escape" || event.key === "Tab";
      if (stepped === null && !isEnd) return;
      event.preventDefault();
      event.stopPropagation();
      if (stepped !== null) {
        setMoving({ ...moving, target: stepped });
        onReach(placeOf(stepped));
        return;
      }
      setMoving(null);
      if (event.key === "Enter") moves.drop(row, target);
    };
    window.addEventListener("keydown", press, { capture: true });
    return () => window.removeEventListener("keydown", press, { capture: true });
  }, [moving, moves, onReach]);
}

function placeOf({ day, minute }: { day: string; minute?: number | undefined }): FocusPlace {
  return { day, hour: minute === undefined ? undefined : Math.floor(minute / 60) };
}

/** The row under the pointer. */
function Ghost({ moving }: { readonly moving: Moving }) {
  const ref = useRef<HTMLDivElement>(null);
  const count = movable(moving.row).length;
  useEffect(() => {
    const follow = ({ clientX, clientY }: PointerEvent) => {
      if (ref.current !== null) ref.current.style.transform = `translate(${clientX + 12}px, ${clientY + 8}px)`;
    };
    window.addEventListener("pointermove", follow);
    document.body.classList.add("is-dragging");
    return () => {
      window.removeEventListener("pointermove", follow);
      document.body.classList.remove("is-dragging");
    };
  }, []);
  return (
    <div className="moving-ghost cut" ref={ref} aria-hidden>
      {count > 1 && <span className="soft">{count} posts: </span>}
      {captionLine(moving.row.caption)}
    </div>
  );
}
