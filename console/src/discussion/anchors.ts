import type { CommentAnchorRequestParam } from "presswork-client";
import { duration } from "../content/media";

const SECOND_MS = 1_000;
/** How far a key moves a mark, as a part of the picture's side; with Shift, it moves further. */
const STEP = 0.02;
const FAR = 0.1;
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A place in a picture: parts of its width and height, from the left and from the top. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Returns the place to which a key moves a mark; null for a key that does not. */
export function movedBy(key: string, isFar: boolean, { x, y }: Place): Place | null {
  const move = MOVES[key];
  if (move === undefined) return null;
  const step = isFar ? FAR : STEP;
  return { x: within(x + move[0] * step), y: within(y + move[1] * step) };
}

/** Returns the place of a pointer in a box of the screen. */
export function placeIn(box: DOMRect, left: number, top: number): Place {
  return { x: within((left - box.left) / box.width), y: within((top - box.top) / box.height) };
}

function within(part: number): number {
  return Math.round(Math.min(1, Math.max(0, part)) * 10_000) / 10_000;
}

/** "40 % from the left, 25 % from the top". */
export function placeText({ x, y }: Place): string {
  return `${Math.round(x * 100)} % from the left, ${Math.round(y * 100)} % from the top`;
}

/** Returns where a mark is, beside others: "0:07", "picture 2"; empty for a place in the only picture. */
export function whereText(anchor: CommentAnchorRequestParam, assetIds: readonly string[]): string {
  const isMoment = anchor.ms !== null && anchor.ms !== undefined;
  const file = assetIds.indexOf(anchor.assetId);
  const parts = [
    assetIds.length > 1 && file >= 0 && `${isMoment ? "file" : "picture"} ${file + 1}`,
    isMoment && duration(Math.floor((anchor.ms ?? 0) / SECOND_MS)),
  ];
  return parts.filter((part) => part !== false).join(", ");
}
