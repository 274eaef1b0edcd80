import type { Mode } from "presswork-client";

/** How posts reach their platform, in a word or two. */
export const MODE_LABELS: Readonly<Record<Mode, string>> = {
  publish: "Publish",
  draft: "Draft",
  managed: "Managed",
};
