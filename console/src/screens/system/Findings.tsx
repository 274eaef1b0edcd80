import { Link } from "@tanstack/react-router";
import type { Environment, PlatformSetup, SystemState } from "presswork-client";
import { loginName } from "../../platforms/loginNames";
import { Fold } from "../../ui/Fold";
import { concernsOf, titleOf, wellOf } from "./concerns";
import { FixText } from "./FixText";
import { StatusIcon } from "./StatusIcon";
import { WithDocs } from "./WithDocs";

interface FindingsProps {
  readonly environment: Environment;
  readonly system: SystemState;
}

/** What needs attention, each with its fix, and what was found to be well. */
export function Findings({ environment, system }: FindingsProps) {
  const concerns = concernsOf(system);
  const { well, unused } = wellOf(system);
  const setupOf = (name: string) => system.platforms.find(({ platform }) => name === `${platform} app`);
  return (
    <section className="panel" aria-label="Findings">
      {concerns.length > 0 && (
        <ul className="findings">
          {concerns.map(({ name, status, message, fix }) => (
            <li key={name} className="finding">
              <StatusIcon status={status} />
              <div>
                <h3>{titleOf(name)}</h3>
                <p>{message}</p>
                {fix !== null && <FixText fix={fix} />}
                <SetupLink environment={environment} setup={setupOf(name)} />
              </div>
            </li>
          ))}
        </ul>
      )}
      <Fold
        title={`${well.length === 1 ? "1 check found" : `${well.length} checks found`} nothing to do`}
        isOpen={concerns.length === 0 && well.length > 0}
      >
        <ul className="findings-well small">
          {well.map(({ name, message }) => (
            <li key={name}>
              <StatusIcon status="ok" />
              <p>
                <strong>{titleOf(name)}</strong>{" "}
                <span className="soft">
                  <WithDocs text={message} />
                </span>
              </p>
            </li>
          ))}
          {unused.length > 0 && (
            <li>
              <StatusIcon status="info" />
              <p>
                <strong>Not set up</strong> <span className="soft">and nothing needs it: {unused.join(", ")}</span>
              </p>
            </li>
          )}
        </ul>
      </Fold>
    </section>
  );
}

/** The way to the wizard of the platform that a finding is about. */
function SetupLink({
  environment,
  setup,
}: {
  readonly environment: Environment;
  readonly setup: PlatformSetup | undefined;
}) {
  if (setup === undefined) return null;
  return (
    <Link to="/$environment/system/platforms/$platform" params={{ environment, platform: setup.platform }}>
      Set up {loginName(setup.platform)}
    </Link>
  );
}
