/** What can be done with posts. */
export const ACTION_IDS = ["publish", "move", "cancel", "republish", "takeDown"] as const;
export type ActionId = (typeof ACTION_IDS)[number];

/** How the address names the dialog that moves posts into a queue. */
export const TO_QUEUE = "toQueue";

/** Returns the action that a text names. */
export function actionOf(text: unknown): ActionId | undefined {
  return ACTION_IDS.find((id) => id === text);
}

/** What the server does with many posts. A post that failed is repeated call by call. */
export type BulkActionId = Exclude<ActionId, "republish">;

/** Whether the server does an action with many posts. */
export function isBulk(action: ActionId): action is BulkActionId {
  return action !== "republish";
}

/** A job of the server, and by how many seconds it moves its posts, if that can be taken back. */
export interface StartedBulk {
  readonly id: string;
  readonly shiftSeconds: number | null;
}

const SHIFT = "~"; // no character of an id

/** Returns jobs as an address has them: "blk_1~86400". */
export function textOfBulk({ id, shiftSeconds }: StartedBulk): string {
  return shiftSeconds === null ? id : `${id}${SHIFT}${shiftSeconds}`;
}

/** Returns the job that an address names; null for any other text. */
export function bulkOfText(text: string): StartedBulk | null {
  const [, id, shift] = /^(blk_[0-9a-f-]+)(?:~(-?\d+))?$/.exec(text) ?? [];
  return id === undefined ? null : { id, shiftSeconds: shift === undefined ? null : Number(shift) };
}
