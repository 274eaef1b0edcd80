import type { Environment, SocialAccount } from "presswork-client";
import { accountName, platformName } from "../../platforms/platforms";
import { LoginDialog } from "./LoginDialog";

interface ReconnectDialogProps {
  readonly environment: Environment;
  readonly account: Pick<SocialAccount, "projectId" | "platform" | "login" | "socialAccountId" | "handle">;
  readonly isAdmin: boolean;
  readonly onClose: () => void;
}

/** Begins a login that connects an account again. */
export function ReconnectDialog({ environment, account, isAdmin, onClose }: ReconnectDialogProps) {
  const { projectId, platform, login, socialAccountId, handle } = account;
  return (
    <LoginDialog
      environment={environment}
      title={`Connect ${accountName(platform, handle)} again`}
      isAdmin={isAdmin}
      request={{ projectId, platform, login, socialAccountId }}
      onClose={onClose}
    >
      <p>
        Log in to {platformName(platform)} as <strong>{accountName(platform, handle)}</strong>, and agree to everything.
        With another account, nothing changes.
      </p>
      <p className="soft">
        The account keeps its id, its layer and its queued posts. Posts that failed meanwhile stay failed; publish them
        again.
      </p>
    </LoginDialog>
  );
}
