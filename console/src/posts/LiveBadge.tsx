import type { LiveState } from "../api/useLiveUpdates";
import { Badge, type Tone } from "../ui/Badge";
import "./live-badge.css";

const LOOKS: Readonly<Record<Exclude<LiveState, "connecting" | "live">, readonly [Tone, string, string]>> = {
  lost: ["warn", "connecting again", "The connection to Presswork was lost. What is missed meanwhile is shown then."],
  ended: ["bad", "does not update", "Presswork refused the connection. Load the page again."],
};

/** Whether a screen follows the server. */
export function LiveBadge({ state }: { readonly state: LiveState }) {
  if (state === "connecting") return null;
  if (state === "live") {
    return (
      <span className="live-dot" role="status" title="Updates by itself">
        <span className="visually-hidden">Updates by itself</span>
      </span>
    );
  }
  const [tone, text, title] = LOOKS[state];
  return (
    <span role="status" title={title}>
      <Badge tone={tone}>{text}</Badge>
    </span>
  );
}
