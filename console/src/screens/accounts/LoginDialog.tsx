import { Link2, LogIn } from "lucide-react";
import type { Environment } from "presswork-client";
import type { ReactNode } from "react";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { LoginError } from "./LoginError";
import { LoginLink } from "./LoginLink";
import { type LoginRequest, loginKind } from "./logins";
import { useLogin } from "./useLogin";

interface LoginDialogProps {
  readonly environment: Environment;
  readonly title: string;
  /** Whether the viewer administers the installation, and so can set up its platforms. */
  readonly isAdmin: boolean;
  readonly request: LoginRequest;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** Begins a login: in this tab, or by a link for an owner who is elsewhere. */
export function LoginDialog({ environment, title, isAdmin, request, children, onClose }: LoginDialogProps) {
  const { leave, link } = useLogin(environment);
  if (link.data !== undefined) {
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
          <Button isPending={link.isPending} onPress={() => link.mutate(request)}>
            <Link2 aria-hidden /> Get a link
          </Button>
          <Button kind="primary" isPending={leave.isPending} onPress={() => leave.mutate(request)}>
            <LogIn aria-hidden /> Continue to {pageOf(environment, request)}
          </Button>
        </>
      }
    >
      <LoginError environment={environment} error={leave.error ?? link.error} login={request.login} isAdmin={isAdmin} />
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
