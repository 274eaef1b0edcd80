import type { Environment, Project } from "presswork-client";
import { type ReactNode, useState } from "react";
import { loginName } from "../../platforms/loginNames";
import { FACTS } from "../../platforms/logins";
import { PLATFORMS, platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { Dialog } from "../../ui/Dialog";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Select } from "../../ui/Select";
import "./connect.css";
import { LoginError } from "./LoginError";
import { LoginLink } from "./LoginLink";
import type { LoginRequest } from "./logins";
import { useLogin } from "./useLogin";

interface ConnectDialogProps {
  readonly environment: Environment;
  readonly isAdmin: boolean;
  readonly projects: readonly Project[];
  readonly projectId: string | undefined;
  readonly onClose: () => void;
}

/** The ways to connect an account: each network, and its second login where it has one. */
const WAYS = PLATFORMS.flatMap((platform) =>
  FACTS[platform].logins.map(({ id }, place) => ({
    platform,
    login: id,
    label: place === 0 ? platformName(platform) : loginName(id),
  })),
);

/** Chooses a network, whose page asks the owner of the account. */
export default function ConnectDialog({ environment, isAdmin, projects, projectId, onClose }: ConnectDialogProps) {
  const { leave, link } = useLogin(environment);
  const [chosen, setChosen] = useState<string | null>(
    projects.find((project) => project.id === projectId || projects.length === 1)?.id ?? null,
  );
  const [isElsewhere, setElsewhere] = useState(false);
  const asked: LoginRequest | undefined = (isElsewhere ? link : leave).variables;
  const isPending = leave.isPending || link.isPending;
  const begin = (way: Omit<LoginRequest, "projectId">) =>
    chosen !== null && (isElsewhere ? link : leave).mutate({ ...way, projectId: chosen });
  const dialog = (children: ReactNode, actions?: ReactNode) => (
    <Dialog isOpen onClose={onClose} title="Connect an account" actions={actions}>
      {children}
    </Dialog>
  );
  if (link.data !== undefined && asked !== undefined) {
    return dialog(
      <LoginLink environment={environment} login={link.data} platform={asked.platform} />,
      <Button kind="primary" onPress={onClose}>
        Done
      </Button>,
    );
  }
  return dialog(
    <>
      <LoginError environment={environment} error={leave.error ?? link.error} login={asked?.login} isAdmin={isAdmin} />
      {projects.length > 1 && (
        <Select
          label="Project"
          choices={projects.map(({ id, name, timezone }) => ({ id, label: name, description: timezone }))}
          value={chosen}
          onChange={setChosen}
          placeholder="Choose the project first"
        />
      )}
      <ul className="connect-ways" aria-label="Networks">
        {WAYS.map(({ platform, login, label }) => (
          <li key={login}>
            <button
              type="button"
              className="connect-way"
              disabled={chosen === null}
              aria-busy={isPending && asked?.login === login}
              onClick={() => !isPending && begin({ platform, login })}
            >
              <span aria-hidden>
                <PlatformIcon platform={platform} />
              </span>
              {label}
            </button>
          </li>
        ))}
      </ul>
      <Checkbox isSelected={isElsewhere} onChange={setElsewhere}>
        The owner is elsewhere: make a link to send
      </Checkbox>
      <p className="soft small">
        {environment === "test"
          ? "In Test, the sandbox plays the networks and has their accounts."
          : "The account's owner agrees on the network's own page. Presswork keeps the access encrypted."}
      </p>
    </>,
  );
}
