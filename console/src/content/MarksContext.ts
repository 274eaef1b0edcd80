import type { CommentAnchorRequestParam } from "presswork-client";
import { createContext } from "react";
import type { Mark } from "../discussion/numberedMarks";

/** What was said about places and moments of the media that is shown, and where the next comment will be. */
export interface Marks {
  readonly marks: readonly Mark[];
  /** Whether the next click sets a mark. */
  readonly isMarking: boolean;
  /** What the comment that is being written is about. */
  readonly pending: CommentAnchorRequestParam | null;
  /** The mark that was opened last. Opening it again is another object. */
  readonly opened: { readonly mark: Mark } | null;
  readonly setMarking: (isMarking: boolean) => void;
  readonly setPending: (anchor: CommentAnchorRequestParam | null) => void;
  /** Shows a mark in the media, and its comment; null: none any more. */
  readonly open: (mark: Mark | null) => void;
}

/** The marks of the media below; null where it has none. */
export const MarksContext = createContext<Marks | null>(null);
