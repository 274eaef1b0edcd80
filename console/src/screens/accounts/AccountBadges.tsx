import { Check, Minus, TriangleAlert } from "lucide-react";
import type { SocialAccount } from "presswork-client";
import { Badge, type Tone } from "../../ui/Badge";
import { causeOf, causeOfAll, MODES } from "./readiness";

/** How an account stands, in a word or two. */
export function AccountStatusBadge({ account }: { readonly account: SocialAccount }) {
  if (account.status === "connected") return <Badge tone="good">Connected</Badge>;
  return account.status === "disconnected" ? <Badge>Disconnected</Badge> : <Badge tone="bad">Access ended</Badge>;
}

/** For each mode, whether a post would be accepted, and why not. What holds for all modes is said once. */
export function ReadinessBadges({ account }: { readonly account: SocialAccount }) {
  const ofAll = causeOfAll(account);
  if (ofAll !== null) {
    return (
      <p className="readiness-badges">
        <ReasonBadge tone={ofAll.tone}>
          {ofAll.tone === "bad" ? "Access ended: connect again" : "Disconnected"}
        </ReasonBadge>
      </p>
    );
  }
  return (
    <ul className="readiness-badges" aria-label="Readiness">
      {MODES.map(({ id, label }) => {
        const cause = causeOf(account.readiness[id]);
        return (
          <li key={id}>
            {cause === null ? (
              <Badge tone="good" icon={<Check aria-hidden />}>
                {label}
              </Badge>
            ) : (
              <ReasonBadge tone={cause.tone}>
                {label}: {cause.short}
              </ReasonBadge>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function ReasonBadge({ tone, children }: { readonly tone: Tone; readonly children: React.ReactNode }) {
  return (
    <Badge tone={tone} icon={tone === "neutral" ? <Minus aria-hidden /> : <TriangleAlert aria-hidden />}>
      {children}
    </Badge>
  );
}
