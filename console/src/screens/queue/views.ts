import type { PublishingSearchPostsParams } from "presswork-client";

/** A part of all posts, in the order in which it is read. */
export interface View {
  readonly id: string;
  readonly label: string;
  readonly filter: Pick<PublishingSearchPostsParams, "status" | "order">;
  /** What an empty view says. */
  readonly empty: string;
}

export const VIEWS = [
  {
    id: "upcoming",
    label: "Upcoming",
    filter: { status: ["queued", "publishing"], order: "asc" },
    empty: "Nothing waits. Posts that are scheduled or on their way appear here by themselves.",
  },
  {
    id: "failed",
    label: "Failed",
    filter: { status: ["failed"], order: "desc" },
    empty: "No post has failed.",
  },
  {
    id: "done",
    label: "Done",
    filter: { status: ["published", "draft", "canceled"], order: "desc" },
    empty: "Nothing was published yet.",
  },
] as const satisfies readonly View[];

export type ViewId = (typeof VIEWS)[number]["id"];

/** Returns the view with this id; the first one for any other value. */
export function viewOf(id: unknown): (typeof VIEWS)[number] {
  return VIEWS.find((view) => view.id === id) ?? VIEWS[0];
}
