import type { CommentAnchorRequestParam } from "presswork-client";
import { type KeyboardEvent, type MouseEvent, type Ref, use, useEffect, useId, useRef, useState } from "react";
import { MarksContext } from "../content/MarksContext";
import { movedBy, type Place, placeIn, placeText } from "./anchors";
import "./marks.css";

const MIDDLE: Place = { x: 0.5, y: 0.5 };

interface PictureMarksProps {
  readonly assetId: string;
  /** Whether the picture is the one in view, which gets the next mark. */
  readonly isShown: boolean;
}

/** The marks above a picture. A click sets a new one, and so do the arrow keys and Enter. */
export default function PictureMarks({ assetId, isShown }: PictureMarksProps) {
  const context = use(MarksContext);
  if (context === null) return null;
  const { marks, pending, isMarking, opened, open, setPending } = context;
  const openId = opened?.mark.comment.id;
  const own = marks.filter(({ anchor }) => anchor.assetId === assetId && placeOf(anchor) !== null);
  const shown = own.filter((mark) => mark.comment.resolvedAt === null || mark.comment.id === openId);
  const begun = pending?.assetId === assetId ? placeOf(pending) : null;
  return (
    <>
      {isMarking && isShown && <Aim onSet={(place) => setPending({ assetId, ...place })} />}
      {shown.map((mark) => (
        <button
          key={mark.comment.id}
          type="button"
          className={`pin ${mark.comment.visibility}${mark.comment.id === openId ? " open" : ""}`}
          style={positionOf(placeOf(mark.anchor) ?? MIDDLE)}
          aria-label={`Mark ${mark.number}: ${mark.comment.text}`}
          onClick={() => open(mark)}
        >
          {mark.number}
        </button>
      ))}
      {begun !== null && (
        <span className="pin begun" style={positionOf(begun)} aria-hidden>
          {marks.length + 1}
        </span>
      )}
    </>
  );
}

/** Covers the picture until a place was chosen. The focus begins in its middle. */
function Aim({ onSet }: { readonly onSet: (place: Place) => void }) {
  const { setMarking } = use(MarksContext) ?? {};
  const cross = useRef<HTMLButtonElement>(null);
  const [place, setPlace] = useState(MIDDLE);
  const hint = useId();
  useEffect(() => cross.current?.focus({ preventScroll: true }), []);
  const onKeyDown = (event: KeyboardEvent) => {
    const moved = movedBy(event.key, event.shiftKey, place);
    if (moved === null && event.key !== "Escape") return;
    event.preventDefault();
    if (moved === null) setMarking?.(false);
    else setPlace(moved);
  };
  const setByPointer = (event: MouseEvent<HTMLElement>) => {
    const isKey = event.detail === 0;
    onSet(isKey ? place : placeIn(event.currentTarget.getBoundingClientRect(), event.clientX, event.clientY));
  };
  return (
    // biome-ignore lint/a11y: the button in it does the same by keys
    <div className="aim" onClick={setByPointer}>
      <Cross ref={cross} place={place} hint={hint} onKeyDown={onKeyDown} />
      <span id={hint} className="aim-hint small">
        Click on a place. By keys: arrows move, Enter sets, Escape ends.
      </span>
      <span className="visually-hidden" aria-live="polite">
        {placeText(place)}
      </span>
    </div>
  );
}

interface CrossProps {
  readonly ref: Ref<HTMLButtonElement>;
  readonly place: Place;
  readonly hint: string;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function Cross({ ref, place, hint, onKeyDown }: CrossProps) {
  return (
    <button
      ref={ref}
      type="button"
      className="cross"
      style={positionOf(place)}
      aria-label="Set the mark here"
      aria-describedby={hint}
      onKeyDown={onKeyDown}
    />
  );
}

function placeOf({ x, y }: CommentAnchorRequestParam): Place | null {
  return typeof x === "number" && typeof y === "number" ? { x, y } : null;
}

function positionOf({ x, y }: Place) {
  return { left: `${x * 100}%`, top: `${y * 100}%` };
}
