import { getRouteApi, Link } from "@tanstack/react-router";
import type { PlatformSetup, SystemState } from "presswork-client";
import { Screen } from "../../app/Screen";
import { loginName } from "../../platforms/loginNames";
import { Badge } from "../../ui/Badge";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";
import { CheckButton, useIsChecking } from "./CheckButton";
import { Guarded } from "./Guarded";
import { guideOf } from "./guides/guide";
import { setupState } from "./setup";
import { WizardStep } from "./WizardStep";
import "./system.css";
import "./wizard.css";

const route = getRouteApi("/$environment/system/platforms/$platform");

/** What to do at a platform and here, in numbered steps, with what the checks found about each. */
export default function PlatformWizard() {
  const { environment, platform } = route.useParams();
  const { session } = route.useRouteContext();
  return (
    <Screen
      title={`Set up ${loginName(platform)}`}
      aside={
        <Link className="soft small" to="/$environment/system" params={{ environment }}>
          System
        </Link>
      }
      actions={session.isInstallationAdmin ? <CheckButton /> : undefined}
    >
      <Guarded>
        {(system) => {
          const setup = system.platforms.find((one) => one.platform === platform);
          return setup === undefined ? (
            <Notice tone="warn">This installation does not have the platform.</Notice>
          ) : (
            <Wizard system={system} setup={setup} />
          );
        }}
      </Guarded>
    </Screen>
  );
}

function Wizard({ system, setup }: { readonly system: SystemState; readonly setup: PlatformSetup }) {
  const guide = guideOf(setup, system.publicUrl);
  const state = setupState(setup);
  const isChecking = useIsChecking();
  return (
    <div className="wizard">
      <p className="wizard-intro">{guide.intro}</p>
      <p className="wizard-state" role="status">
        <Badge tone={state.tone}>{state.text}</Badge>
        <span className="soft small">
          {isChecking || system.isChecking ? (
            "The checks run."
          ) : system.checkedAt === null ? (
            "Not checked yet."
          ) : (
            <>
              Checked <Time at={system.checkedAt} isRelative />.
            </>
          )}
        </span>
      </p>
      <ol className="wizard-steps">
        {guide.steps.map((step, place) => (
          <WizardStep key={step.title} number={place + 1} title={step.title} results={step.results ?? []}>
            {step.body}
          </WizardStep>
        ))}
      </ol>
    </div>
  );
}
