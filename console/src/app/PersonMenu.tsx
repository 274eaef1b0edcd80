import { useNavigate } from "@tanstack/react-router";
import { CircleUserRound, LogOut } from "lucide-react";
import type { Environment } from "presswork-client";
import { type SignedIn, useSignOut } from "../api/session";
import { Button } from "../ui/Button";
import { Menu, MenuItem } from "../ui/Menu";

interface PersonMenuProps {
  readonly environment: Environment;
  readonly session: SignedIn;
}

/** The signed-in person: their account and the end of the session. */
export function PersonMenu({ environment, session }: PersonMenuProps) {
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <Menu
      label="Your account"
      trigger={
        <Button kind="quiet">
          <CircleUserRound aria-hidden />
          <span className="cut">{session.user.name ?? session.user.email}</span>
        </Button>
      }
    >
      <MenuItem onAction={() => void navigate({ to: "/$environment/you", params: { environment } })}>
        <CircleUserRound aria-hidden /> Your account
      </MenuItem>
      <MenuItem onAction={() => signOut.mutate()}>
        <LogOut aria-hidden /> Sign out
      </MenuItem>
    </Menu>
  );
}
