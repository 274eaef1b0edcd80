import { Link } from "@tanstack/react-router";
import { Link2, LogIn } from "lucide-react";
import { type Environment, UnavailableError } from "presswork-client";
import type { ReactNode } from "react";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { LoginLink } from "./LoginLink";
import { type LoginRequest, loginKind } from "./logins";
import { useLogin } from "./useLogin";

interface LoginDialogProps {
  readonly environment: Environment;
  readonly title: string;
  /** Whether the viewer administers the installation, and so can set up its platforms. */
  readonly isAdmin: boolean;
  /** What to begin; null until enough is chosen. */
  readonly request: LoginRequest | null;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** Begins a login: in this tab, or by a link for an owner who is elsewhere. */
export function LoginDialog({ environment, title, isAdmin, request, children, onClose }: LoginDialogProps) {
  const { leave, link } = useLogin(environment);
  const error = leave.error ?? link.error;
  if (link.data !== undefined && request !== null) {
    return (
      <Dialog
        isOpen
        onClose={onClose}
        title={title}
        actions={
          <Button kind="primary" onPress={onClose}>
            Done
          </Button>
        }
      >
        <LoginLink environment={environment} login={link.data} platform={request.platform} />
      </Dialog>
    );
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button
            isDisabled={request === null}
            isPending={link.isPending}
            onPress={() => request && link.mutate(request)}
          >
            <Link2 aria-hidden /> Get a link
          </Button>
          <Button
            kind="primary"
            isDisabled={request === null}
            isPending={leave.isPending}
            onPress={() => request && leave.mutate(request)}
          >
            <LogIn aria-hidden /> Continue
            {request === null ? "" : ` to ${pageOf(environment, request)}`}
          </Button>
        </>
      }
    >
      {error !== null && (
        <Notice
          tone="bad"
          actions={
            isAdmin &&
            error instanceof UnavailableError &&
            request !== null && (
              <Link
                className="button plain"
                to="/$environment/system/platforms/$platform"
                params={{ environment, platform: request.login }}
              >
                Set up the platform
              </Link>
            )
          }
        >
          {messageOf(error)}
        </Notice>
      )}
      {children}
      {environment === "test" && (
        <p className="soft small">This is the test environment: the sandbox plays the platform and has the accounts.</p>
      )}
    </Dialog>
  );
}

function pageOf(environment: Environment, { platform, login }: LoginRequest): string {
  return environment === "test" ? "the sandbox" : loginKind(platform, login).page;
}
