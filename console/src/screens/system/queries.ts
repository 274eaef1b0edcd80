import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { toast, toastError } from "../../ui/toasts";
import { headlineOf } from "./concerns";

/** How often the state is read again, in seconds; more often while the checks run. */
export const REFRESH_SECONDS = 15;
const WHILE_CHECKING_SECONDS = 2;
/** The API answers within 80 seconds. */
const CHECKS_WITHIN_SECONDS = 100;

/** The state of the installation, which is the same in both environments. */
export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: () => clientOf("test").system.get(),
  refetchInterval: ({ state }) => 1000 * (state.data?.isChecking === true ? WHILE_CHECKING_SECONDS : REFRESH_SECONDS),
});

/** Runs the checks, and says how they ended. */
export function useChecks() {
  const queries = useQueryClient();
  return useMutation({
    mutationKey: ["system", "checks"],
    mutationFn: () => clientOf("test").system.runChecks({ timeoutSeconds: CHECKS_WITHIN_SECONDS }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: systemQuery.queryKey });
      const system = queries.getQueryData(systemQuery.queryKey);
      if (system !== undefined) toast(`Checked. ${headlineOf(system)}.`);
    },
    onError: (error) => toastError(messageOf(error)),
  });
}
