import { useIsMutating } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { Button } from "../../ui/Button";
import { useChecks } from "./queries";

/** Whether this browser waits for the checks. */
export function useIsChecking(): boolean {
  return useIsMutating({ mutationKey: ["system", "checks"] }) > 0;
}

/** Runs the checks now. */
export function CheckButton() {
  const checks = useChecks();
  const isChecking = useIsChecking();
  return (
    <Button kind="primary" isPending={isChecking} onPress={() => checks.mutate()}>
      <RefreshCw aria-hidden /> {isChecking ? "Checking" : "Check now"}
    </Button>
  );
}
