/** What can be done with posts. */
export const ACTION_IDS = ["publish", "move", "cancel", "republish"] as const;
export type ActionId = (typeof ACTION_IDS)[number];

/** Returns the action that a text names. */
export function actionOf(text: unknown): ActionId | undefined {
  return ACTION_IDS.find((id) => id === text);
}
