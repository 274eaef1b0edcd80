import type { PublishingSearchGroupsParams, Status } from "presswork-client";

/** A part of all posts, in the order in which it is read. */
export interface View {
  readonly id: string;
  readonly label: string;
  readonly statuses: readonly Status[];
  readonly order: NonNullable<PublishingSearchGroupsParams["order"]>;
  /** Only posts whose time has come. */
  readonly isDue: boolean;
  /** What an empty view says. */
  readonly empty: string;
}

export const VIEWS = [
  {
    id: "upcoming",
    label: "Upcoming",
    statuses: ["queued", "publishing"],
    order: "asc",
    isDue: false,
    empty: "Nothing waits. Posts that are scheduled or on their way appear here by themselves.",
  },
  {
    id: "waiting",
    label: "Waiting",
    statuses: ["queued", "publishing"],
    order: "asc",
    isDue: true,
    empty: "No post is late: each whose time has come is out.",
  },
  {
    id: "failed",
    label: "Failed",
    statuses: ["failed"],
    order: "desc",
    isDue: false,
    empty: "No post has failed.",
  },
  {
    id: "done",
    label: "Done",
    statuses: ["published", "draft", "canceled"],
    order: "desc",
    isDue: false,
    empty: "Nothing was published yet.",
  },
] as const satisfies readonly View[];

export type ViewId = (typeof VIEWS)[number]["id"];

/** Returns the view with this id; the first one for any other value. */
export function viewOf(id: unknown): (typeof VIEWS)[number] {
  return VIEWS.find((view) => view.id === id) ?? VIEWS[0];
}
