import type { CommentStatus } from "presswork-client";
import type { Tone } from "../../ui/Badge";

/** How the states of a comment look. */
export const STATUS_BADGES: Readonly<Record<CommentStatus, { readonly label: string; readonly tone: Tone }>> = {
  new: { label: "New", tone: "accent" },
  open: { label: "Open", tone: "warn" },
  done: { label: "Done", tone: "good" },
};
