import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import type { Environment, PlatformName, SandboxFault, SandboxState } from "presswork-client";
import { accountName, PLATFORMS, platformName } from "../../../platforms/platforms";
import { Badge } from "../../../ui/Badge";
import { Button } from "../../../ui/Button";
import { Fold } from "../../../ui/Fold";
import { PlatformIcon } from "../../../ui/PlatformIcon";
import { FaultDialog } from "./FaultDialog";
import { FaultSwitch } from "./FaultSwitch";
import { FAULTS, isOn, PRESETS, platformOf, setFaultsOf } from "./faultPresets";
import { useSandboxChanges } from "./useSandboxChanges";

const route = getRouteApi("/$environment/developers/sandbox");

/** What goes wrong on purpose: switches for the usual failures, and every fault that is set. */
export function Faults({ environment, state }: { readonly environment: Environment; readonly state: SandboxState }) {
  const { dialog } = route.useSearch();
  const navigate = route.useNavigate();
  const { turn, clear, clearAll } = useSandboxChanges(environment);
  const ofPresets = new Set(PRESETS.flatMap((preset) => setFaultsOf(preset, state.faults)));
  const others = state.faults.filter((fault) => !ofPresets.has(fault));
  const show = (name: "fault" | undefined) => navigate({ search: (before) => ({ ...before, dialog: name }) });
  return (
    <section className="panel part" aria-labelledby="faults">
      <header>
        <h2 id="faults">
          Faults{" "}
          {state.faults.length === 0 ? (
            <Badge tone="good">all off</Badge>
          ) : (
            <Badge tone="warn">{state.faults.length} set</Badge>
          )}
        </h2>
        <Button isDisabled={state.faults.length === 0} isPending={clearAll.isPending} onPress={() => clearAll.mutate()}>
          All off
        </Button>
        <Button onPress={() => void show("fault")}>
          <Plus aria-hidden /> Another fault
        </Button>
      </header>
      <p className="soft small">Faults affect the test projects of everyone on this installation.</p>
      <div>
        {[...PLATFORMS, null].map((platform) => {
          const presets = PRESETS.filter((preset) => platformOf(preset) === platform);
          const count = presets.filter((preset) => isOn(preset, state.faults)).length;
          return (
            <div key={platform} className="fault-group">
              <Fold
                title={platform === null ? "All platforms" : <PlatformTitle platform={platform} />}
                aside={count === 0 ? "" : `${count} on`}
                isOpen={count > 0}
              >
                <div className="fault-switches">
                  {presets.map((preset) => (
                    <FaultSwitch
                      key={preset.id}
                      label={preset.label}
                      effect={preset.effect}
                      isOn={isOn(preset, state.faults)}
                      isDisabled={turn.isPending}
                      onChange={(on) => turn.mutate({ preset, isOn: on, faults: state.faults })}
                    />
                  ))}
                </div>
              </Fold>
            </div>
          );
        })}
      </div>
      {others.length > 0 && (
        <ul className="fault-list" aria-label="Other faults">
          {others.map((fault) => (
            <li key={fault.id}>
              <PlatformIcon platform={fault.platform} />
              <span className="two-lines">
                <span>
                  <code>{fault.operation}</code> {labelOf(fault)}
                </span>
                <span className="soft small">{detailsOf(fault)}</span>
              </span>
              <Button
                isPending={clear.isPending && clear.variables === fault.id}
                onPress={() => clear.mutate(fault.id)}
              >
                Off
              </Button>
            </li>
          ))}
        </ul>
      )}
      {dialog === "fault" && <FaultDialog environment={environment} onClose={() => void show(undefined)} />}
    </section>
  );
}

function PlatformTitle({ platform }: { readonly platform: PlatformName }) {
  return (
    <>
      <span aria-hidden>
        <PlatformIcon platform={platform} />
      </span>{" "}
      {platformName(platform)}
    </>
  );
}

function labelOf(fault: SandboxFault): string {
  return FAULTS.find((one) => one.id === fault.fault)?.label ?? fault.fault;
}

function detailsOf(fault: SandboxFault): string {
  const value = Object.entries(fault.value).map(([name, given]) => `${name} ${String(given)}`);
  return [
    fault.handle === null ? "all accounts" : accountName(fault.platform, fault.handle),
    fault.times === -1 ? "until it is off" : fault.times === 1 ? "once" : `${fault.times} more times`,
    ...(fault.skip > 0 ? [`after ${fault.skip} calls`] : []),
    ...value,
    ...(fault.fired > 0 ? [`applied ${fault.fired} ${fault.fired === 1 ? "time" : "times"}`] : []),
  ].join(" · ");
}
