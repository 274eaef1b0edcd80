import type { Environment, SandboxState } from "presswork-client";
import { useState } from "react";
import { Button } from "../../../ui/Button";
import { ConfirmDialog } from "../../../ui/ConfirmDialog";
import { Time } from "../../../ui/Time";
import { FaultSwitch } from "./FaultSwitch";
import { useSandboxChanges } from "./useSandboxChanges";

const HOUR = 3_600;
const STEPS = [
  { label: "1 hour", seconds: HOUR },
  { label: "1 day", seconds: 24 * HOUR },
] as const;

/** What the fake platforms demand of apps, and their clock. */
export function SandboxSettings({
  environment,
  state,
}: {
  readonly environment: Environment;
  readonly state: SandboxState;
}) {
  const { setPkce, advance } = useSandboxChanges(environment);
  const [step, setStep] = useState<(typeof STEPS)[number] | null>(null);
  return (
    <section className="panel part" aria-labelledby="sandbox-settings">
      <header>
        <h2 id="sandbox-settings">Settings</h2>
      </header>
      <div className="fault-switches">
        <FaultSwitch
          label="TikTok requires PKCE"
          effect="Logins without a code challenge are refused, as for an app that is set up so."
          isOn={state.requirePkce}
          isDisabled={setPkce.isPending}
          onChange={(isOn) => setPkce.mutate(isOn)}
        />
        <div className="clock">
          <span className="two-lines">
            <strong>
              Clock: <Time at={state.now} />
            </strong>
            <span className="soft small">
              {state.offsetSeconds === 0
                ? "The system's time. Token lifetimes and quotas follow it."
                : `${hoursOf(state.offsetSeconds)} ahead of the system's time.`}
            </span>
          </span>
          {STEPS.map((one) => (
            <Button key={one.label} onPress={() => setStep(one)}>
              + {one.label}
            </Button>
          ))}
        </div>
      </div>
      {step !== null && (
        <ConfirmDialog
          title={`Advance the sandbox's clock by ${step.label}?`}
          action="Advance the clock"
          isPending={advance.isPending}
          onClose={() => setStep(null)}
          onConfirm={() => advance.mutate(step.seconds, { onSettled: () => setStep(null) })}
        >
          Tokens of fake accounts grow older by as much, and quotas of the day begin again. The clock can't be turned
          back.
        </ConfirmDialog>
      )}
    </section>
  );
}

function hoursOf(seconds: number): string {
  const hours = Math.round((seconds / HOUR) * 10) / 10;
  return `${hours} ${hours === 1 ? "hour" : "hours"}`;
}
