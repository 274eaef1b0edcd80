import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { type Missing, missingGroups } from "./reasons";
import "./results.css";

interface MissingNumbersProps {
  readonly environment: Environment;
  readonly unavailable: readonly Missing[];
  /** As the platform writes its name. */
  readonly platform: string;
  readonly accountId: string;
  /** Whether the person may connect the account again, which grants what is missing. */
  readonly mayConnect: boolean;
}

/** Why numbers are not known: one line for each reason, and what grants them. */
export function MissingNumbers({ environment, unavailable, platform, accountId, mayConnect }: MissingNumbersProps) {
  const groups = missingGroups(unavailable, platform);
  if (groups.length === 0) return null;
  return (
    <ul className="missing-numbers small">
      {groups.map(({ reason, names, sentence, permissions }) => (
        <li key={reason}>
          <strong>{names}</strong>: {sentence}
          {permissions.length > 0 && (
            <>
              {" "}
              Missing: <code>{permissions.join(", ")}</code>.
            </>
          )}
          {reason === "not_granted" && mayConnect && (
            <>
              {" "}
              <Link
                to="/$environment/accounts/$accountId"
                params={{ environment, accountId }}
                search={{ open: "again" }}
              >
                Connect the account again
              </Link>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
