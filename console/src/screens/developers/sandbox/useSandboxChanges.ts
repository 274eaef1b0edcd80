import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, SandboxFault } from "presswork-client";
import { clientOf } from "../../../api/client";
import { messageOf } from "../../../api/errors";
import { toast, toastError } from "../../../ui/toasts";
import { type Preset, setFaultsOf } from "./faultPresets";

/** Returns the calls that change the sandbox; each refreshes what is shown of it. */
export function useSandboxChanges(environment: Environment) {
  const queries = useQueryClient();
  const { sandbox } = clientOf(environment);
  const settled = {
    onError: (error: Error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "sandbox"] }),
  };
  const turn = useMutation({
    mutationFn: async ({ preset, isOn, faults }: Turn) => {
      const before = setFaultsOf(preset, faults).map((fault) => sandbox.clearFaults({ faultId: fault.id }));
      await Promise.all(before);
      if (isOn) await Promise.all(preset.faults.map((fault) => sandbox.addFault({ ...fault, times: -1 })));
    },
    ...settled,
  });
  const clear = useMutation({ mutationFn: (faultId: number) => sandbox.clearFaults({ faultId }), ...settled });
  const clearAll = useMutation({
    mutationFn: () => sandbox.clearFaults(),
    onSuccess: () => toast("All faults are off."),
    ...settled,
  });
  const setPkce = useMutation({
    mutationFn: (requirePkce: boolean) => sandbox.update({ requirePkce }),
    ...settled,
  });
  const advance = useMutation({
    mutationFn: (advanceSeconds: number) => sandbox.advanceClock({ advanceSeconds }),
    onSuccess: () => toast("The sandbox's clock was advanced."),
    ...settled,
  });
  return { turn, clear, clearAll, setPkce, advance };
}

interface Turn {
  readonly preset: Preset;
  readonly isOn: boolean;
  readonly faults: readonly SandboxFault[];
}
