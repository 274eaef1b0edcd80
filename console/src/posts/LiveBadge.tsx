import type { LiveState } from "../api/useLiveUpdates";
import { Badge, type Tone } from "../ui/Badge";

const LOOKS: Readonly<Record<Exclude<LiveState, "connecting">, readonly [Tone, string, string | undefined]>> = {
  live: ["good", "live", undefined],
  lost: ["warn", "connecting again", "The connection to Presswork was lost. What is missed meanwhile is shown then."],
  ended: ["bad", "not live", "Presswork refused the connection. Load the page again."],
};

/** Whether a screen follows the server. */
export function LiveBadge({ state }: { readonly state: LiveState }) {
  if (state === "connecting") return null;
  const [tone, text, title] = LOOKS[state];
  return (
    <span role="status" title={title}>
      <Badge tone={tone}>{text}</Badge>
    </span>
  );
}
