import { Link } from "@tanstack/react-router";
import { type Environment, type LoginName, UnavailableError } from "presswork-client";
import { messageOf } from "../../api/errors";
import { Notice } from "../../ui/Notice";

interface LoginErrorProps {
  readonly environment: Environment;
  readonly error: Error | null;
  /** The login that could not begin. */
  readonly login: LoginName | undefined;
  /** Whether the viewer administers the installation, and so can set up its platforms. */
  readonly isAdmin: boolean;
}

/** Why a login could not begin, with the way to the set-up of its platform where that is missing. */
export function LoginError({ environment, error, login, isAdmin }: LoginErrorProps) {
  if (error === null) return null;
  return (
    <Notice
      tone="bad"
      actions={
        isAdmin &&
        error instanceof UnavailableError &&
        login !== undefined && (
          <Link
            className="button plain"
            to="/$environment/system/platforms/$platform"
            params={{ environment, platform: login }}
          >
            Set up the platform
          </Link>
        )
      }
    >
      {messageOf(error)}
    </Notice>
  );
}
