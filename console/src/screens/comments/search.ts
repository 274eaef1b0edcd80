import type { CommentStatus, PlatformName } from "presswork-client";
import { isPlatform } from "../../platforms/platforms";

/** A part of the inbox. */
export interface View {
  readonly id: "new" | "open" | "done" | "all";
  readonly label: string;
  /** The status of its comments; null: all of them, also the account's own. */
  readonly status: CommentStatus | null;
  readonly emptyTitle: string;
  /** What an empty view says. */
  readonly empty: string;
}

export const VIEWS: readonly [View, ...View[]] = [
  {
    id: "new",
    label: "New",
    status: "new",
    emptyTitle: "No new comments",
    empty:
      "Comments on your live posts appear here by themselves. TikTok reports none, and other networks only where the account has allowed it.",
  },
  {
    id: "open",
    label: "Open",
    status: "open",
    emptyTitle: "No comment is being worked on",
    empty: "A comment is open once it has an assignee or a note, or was opened again.",
  },
  {
    id: "done",
    label: "Done",
    status: "done",
    emptyTitle: "Nothing is done yet",
    empty: "Press E on a comment that needs nothing more.",
  },
  {
    id: "all",
    label: "All",
    status: null,
    emptyTitle: "No comments yet",
    empty: "Comments on your live posts appear here by themselves, with your replies.",
  },
];

/** How far back the inbox can be limited to, in days. */
export const SPANS = [
  { id: "1", label: "Since yesterday" },
  { id: "7", label: "Last 7 days" },
  { id: "30", label: "Last 30 days" },
] as const;

/** Whom a comment is assigned to: the person who looks. */
export const ME = "me";

export type DialogName = "keys" | "delete" | "saved";
const DIALOGS: readonly DialogName[] = ["keys", "delete", "saved"];

/** What the address of the inbox says. The router passes it on as it is; `searchOf` reads it. */
export interface CommentsSearch {
  readonly view?: string | undefined;
  readonly project?: string | undefined;
  readonly account?: string | undefined;
  readonly platform?: string | undefined;
  /** `ME`, or the id of a person. */
  readonly assignee?: string | undefined;
  readonly post?: string | undefined;
  readonly since?: string | undefined;
  /** The comment that is open. */
  readonly comment?: string | undefined;
  readonly dialog?: string | undefined;
}

/** What an address means. */
export interface Inbox {
  readonly view: View;
  readonly project: string | undefined;
  readonly account: string | undefined;
  readonly platform: PlatformName | undefined;
  readonly assignee: string | undefined;
  readonly post: string | undefined;
  readonly since: string | undefined;
  readonly comment: string | undefined;
  readonly dialog: DialogName | undefined;
}

/** Returns what an address means; what it can't mean is left out. */
export function searchOf(search: Readonly<Record<string, unknown>> | CommentsSearch): Inbox {
  const text = (name: keyof CommentsSearch) => {
    const value: unknown = search[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const platform = text("platform");
  return {
    view: VIEWS.find(({ id }) => id === text("view")) ?? VIEWS[0],
    project: text("project"),
    account: text("account"),
    platform: isPlatform(platform) ? platform : undefined,
    assignee: text("assignee"),
    post: text("post"),
    since: SPANS.find(({ id }) => id === text("since"))?.id,
    comment: text("comment"),
    dialog: DIALOGS.find((one) => one === text("dialog")),
  };
}

/** The filters that a person can set. */
export const FILTERS = ["project", "account", "platform", "assignee", "post", "since"] as const;

/** Whether anything narrows the view. */
export function isFiltered(inbox: Inbox): boolean {
  return FILTERS.some((name) => inbox[name] !== undefined);
}

/** Returns the beginning of a span of days: a midnight of the viewer, so that it stays the same for a day. */
export function beginOf(days: string, now: Date): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - Number(days)).toISOString();
}
