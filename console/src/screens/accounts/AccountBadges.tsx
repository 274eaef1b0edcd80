import { Minus, TriangleAlert } from "lucide-react";
import type { SocialAccount } from "presswork-client";
import { Badge } from "../../ui/Badge";
import { problemsOf } from "./readiness";

/** How an account stands, in a word or two. */
export function AccountStatusBadge({ account }: { readonly account: SocialAccount }) {
  if (account.status === "connected") return <Badge tone="good">Connected</Badge>;
  return account.status === "disconnected" ? <Badge>Disconnected</Badge> : <Badge tone="bad">Access ended</Badge>;
}

/** What keeps an account from posting; nothing where it can. */
export function ProblemBadges({ account }: { readonly account: SocialAccount }) {
  const problems = problemsOf(account);
  if (problems.length === 0) return null;
  return (
    <ul className="problem-badges" aria-label="Problems">
      {problems.map(({ text, tone }) => (
        <li key={text}>
          <Badge tone={tone} icon={tone === "neutral" ? <Minus aria-hidden /> : <TriangleAlert aria-hidden />}>
            {text}
          </Badge>
        </li>
      ))}
    </ul>
  );
}
