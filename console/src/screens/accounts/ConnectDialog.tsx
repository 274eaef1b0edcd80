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
import { TextField } from "../../ui/TextField";
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

const MAX_HOST = 300;
/** The ways to connect an account: each network, and its second login where it has one. */
const WAYS = PLATFORMS.flatMap((platform) =>
  FACTS[platform].logins.map(({ id, server }, place) => ({
    platform,
    login: id,
    server,
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
  const [atServer, setAtServer] = useState<(typeof WAYS)[number] | null>(null);
  const [host, setHost] = useState("");
  const asked: LoginRequest | undefined = (isElsewhere ? link : leave).variables;
  const isPending = leave.isPending || link.isPending;
  const begin = (way: Omit<LoginRequest, "projectId">) =>
    chosen !== null && (isElsewhere ? link : leave).mutate({ ...way, projectId: chosen });
  const choose = (way: (typeof WAYS)[number]) =>
    way.server === undefined ? begin({ platform: way.platform, login: way.login }) : setAtServer(way);
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
  const error = (
    <LoginError environment={environment} error={leave.error ?? link.error} login={asked?.login} isAdmin={isAdmin} />
  );
  if (atServer !== null) {
    const { platform, login, label, server } = atServer;
    const go = () => begin({ platform, login, ...(host.trim() !== "" && { host: host.trim() }) });
    return dialog(
      <>
        {error}
        <TextField
          label={`${label} server`}
          description="What stands behind the last @ of the account."
          value={host}
          onChange={setHost}
          placeholder={server}
          maxLength={MAX_HOST}
          autoFocus
          onKeyDown={({ key }) => key === "Enter" && !isPending && go()}
        />
      </>,
      <>
        <Button onPress={() => setAtServer(null)}>Back</Button>
        <Button kind="primary" isPending={isPending} onPress={go}>
          {isElsewhere ? "Get a link" : "Continue"}
        </Button>
      </>,
    );
  }
  return dialog(
    <>
      {error}
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
        {WAYS.map((way) => (
          <li key={way.login}>
            <button
              type="button"
              className="connect-way"
              disabled={chosen === null}
              aria-busy={isPending && asked?.login === way.login}
              onClick={() => !isPending && choose(way)}
            >
              <span aria-hidden>
                <PlatformIcon platform={way.platform} />
              </span>
              {way.label}
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
