import type { ApprovalStatus, ContainerStatus, FoundContent } from "presswork-client";
import type { ContentFilter } from "../../content/list";
import { labelsOf } from "../../labels/labels";

/** What the address of the library has. */
export interface LibrarySearch {
  readonly project?: string | undefined;
  readonly state?: StateId | undefined;
  readonly approval?: ApprovalStatus | undefined;
  /** Any of these labels. */
  readonly label?: readonly string[] | undefined;
  readonly q?: string | undefined;
  /** Whether the dialog that uploads is open. */
  readonly upload?: true | undefined;
  /** The content that is selected. */
  readonly selected?: readonly string[] | undefined;
  /** Whether the dialog that deletes it is open. */
  readonly remove?: true | undefined;
}

/** The states that are offered; the first one is the default. */
export const STATE_CHOICES = [
  { id: "usable", label: "In use", status: ["completed", "processing", "queued", "failed"] },
  { id: "completed", label: "Ready", status: ["completed"] },
  { id: "queued", label: "Waits for its files", status: ["queued", "processing"] },
  { id: "failed", label: "Failed", status: ["failed"] },
  { id: "canceled", label: "Canceled", status: ["canceled"] },
  { id: "deleted", label: "Deleted", status: ["deleted"] },
] as const satisfies readonly { id: string; label: string; status: readonly ContainerStatus[] }[];

export type StateId = (typeof STATE_CHOICES)[number]["id"];

/** The review states that are offered, in the order of a review. */
export const APPROVAL_CHOICES: readonly { readonly id: ApprovalStatus; readonly label: string }[] = [
  { id: "pending", label: "Waits for approval" },
  { id: "approved", label: "Approved" },
  { id: "rejected", label: "Rejected" },
  { id: "not_required", label: "No approval needed" },
];

/** An address as it was typed: `librarySearch` reads it, once the screen is loaded. */
export type LibraryAddress = { readonly [name in keyof LibrarySearch]?: unknown };

function isIds(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((id) => typeof id === "string");
}

/** Reads the address; what does not belong there is dropped. */
export function librarySearch(search: LibraryAddress): LibrarySearch {
  const { project, q } = search;
  const state = STATE_CHOICES.find(({ id }) => id === search.state)?.id;
  const label = labelsOf(search.label);
  const approval = APPROVAL_CHOICES.find(({ id }) => id === search.approval)?.id;
  return {
    ...(typeof project === "string" && { project }),
    ...(state !== undefined && { state }),
    ...(approval !== undefined && { approval }),
    ...(label !== undefined && { label }),
    ...(typeof q === "string" && q !== "" && { q }),
    ...(search.upload === true && { upload: true as const }),
    ...(isIds(search.selected) && { selected: search.selected }),
    ...(search.remove === true && { remove: true as const }),
  };
}

/** Returns what the API is asked for. */
export function filterOf({ project, state, approval, label, q }: LibrarySearch, limit: number): ContentFilter {
  const { status } = STATE_CHOICES.find(({ id }) => id === state) ?? STATE_CHOICES[0];
  return {
    status,
    limit,
    ...(project !== undefined && { projectId: project }),
    ...(approval !== undefined && { approvalStatus: [approval] }),
    ...(label !== undefined && { label }),
    ...(q !== undefined && { q }),
  };
}

const DAY_MS = 86_400_000;

/** Whether content is most likely the upload of a post that is still being written: files of today without a text. */
export function isFreshUpload(
  { caption, createdAt, mediaType }: Pick<FoundContent, "caption" | "createdAt" | "mediaType">,
  now: Date,
): boolean {
  return mediaType !== "text" && caption.trim() === "" && now.getTime() - Date.parse(createdAt) < DAY_MS;
}
