import type { Environment, LoginName, PlatformName, Project } from "presswork-client";
import { useState } from "react";
import { FACTS, PLATFORMS, platformName } from "../../platforms/platforms";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Select } from "../../ui/Select";
import { LoginDialog } from "./LoginDialog";
import { loginKind } from "./logins";

interface ConnectDialogProps {
  readonly environment: Environment;
  readonly isAdmin: boolean;
  readonly projects: readonly Project[];
  readonly projectId: string | undefined;
  readonly platform: PlatformName | undefined;
  readonly onClose: () => void;
}

/** Chooses the project, the platform and the login of a new account. */
export function ConnectDialog(props: ConnectDialogProps) {
  const { environment, isAdmin, projects, onClose } = props;
  const [projectId, setProjectId] = useState<string | null>(
    projects.find((project) => project.id === props.projectId || projects.length === 1)?.id ?? null,
  );
  const [platform, setPlatform] = useState<PlatformName>(props.platform ?? "instagram");
  const [login, setLogin] = useState<LoginName>(FACTS[platform].logins[0].id);
  const choosePlatform = (chosen: PlatformName) => {
    setPlatform(chosen);
    setLogin(FACTS[chosen].logins[0].id);
  };
  return (
    <LoginDialog
      environment={environment}
      title="Connect an account"
      isAdmin={isAdmin}
      request={projectId === null ? null : { projectId, platform, login }}
      onClose={onClose}
    >
      <Select
        label="Project"
        choices={projects.map(({ id, name, timezone }) => ({ id, label: name, description: timezone }))}
        value={projectId}
        onChange={setProjectId}
      />
      <Select
        label="Platform"
        choices={PLATFORMS.map((id) => ({ id, label: platformName(id), icon: <PlatformIcon platform={id} /> }))}
        value={platform}
        onChange={choosePlatform}
      />
      {FACTS[platform].logins.length > 1 && (
        <Select
          label="Login"
          choices={FACTS[platform].logins}
          value={login}
          onChange={setLogin}
          description={`${loginKind(platform, login).description}.`}
        />
      )}
      <p className="soft">
        The account's owner agrees on the platform's own page. Presswork keeps the access encrypted and refreshes it.
      </p>
    </LoginDialog>
  );
}
