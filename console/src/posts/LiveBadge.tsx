import type { LiveState } from "../api/useLiveUpdates";
import { Badge } from "../ui/Badge";

/** Whether a screen follows the server. */
export function LiveBadge({ state }: { readonly state: LiveState }) {
  if (state === "connecting") return null;
  return <Badge tone={state === "live" ? "good" : "warn"}>{state === "live" ? "live" : "not live"}</Badge>;
}
