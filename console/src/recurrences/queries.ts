import { queryOptions } from "@tanstack/react-query";
import type { Environment, Recurrence } from "presswork-client";
import { clientOf } from "../api/client";

/** The start of the keys of all queries of recurring posts. */
export function recurrencesKey(environment: Environment) {
  return [environment, "recurrences"] as const;
}

/** The recurring posts of a project, those that go out next first; ended ones are last. */
export function recurrencesQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [...recurrencesKey(environment), "of", projectId],
    queryFn: async (): Promise<readonly Recurrence[]> => {
      const found: Recurrence[] = [];
      for await (const one of clientOf(environment).recurrences.list({ projectId })) found.push(one);
      return found.toSorted((one, other) => placeOf(one).localeCompare(placeOf(other)));
    },
    staleTime: 30_000,
  });
}

function placeOf({ status, nextAt, createdAt }: Recurrence): string {
  return status === "ended" ? `b ${createdAt}` : `a ${nextAt ?? ""}`;
}

/** One recurring post. */
export function recurrenceQuery(environment: Environment, recurrenceId: string) {
  return queryOptions({
    queryKey: [...recurrencesKey(environment), recurrenceId],
    queryFn: () => clientOf(environment).recurrences.get({ recurrenceId }),
    staleTime: 30_000,
  });
}
