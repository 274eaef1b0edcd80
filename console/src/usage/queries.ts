import { queryOptions } from "@tanstack/react-query";
import type { Environment, UsageReport } from "presswork-client";
import { clientOf } from "../api/client";
import { daysOfMonth } from "./months";

type GroupBy = "project" | "platform" | "day";

/** What an organization used in a month, with its limits: the person's own, or one of the installation's customers. */
export function usageQuery(
  environment: Environment,
  month: string,
  groupBy: GroupBy,
  organizationId: string | undefined,
) {
  return queryOptions({
    queryKey: [environment, "usage", organizationId ?? "own", month, groupBy],
    queryFn: (): Promise<UsageReport> => {
      const { usage, organizations } = clientOf(environment);
      const of = { ...daysOfMonth(month), groupBy };
      return organizationId === undefined ? usage.get(of) : organizations.getUsage({ organizationId, ...of });
    },
  });
}

/** Returns where the usage of a month is downloaded as CSV. A link sends no header that names the environment. */
export function usageExportUrl(environment: Environment, month: string): string {
  return `/v1/usage/export?${new URLSearchParams({ environment, groupBy: "project", ...daysOfMonth(month) })}`;
}

/** One customer of the installation. */
export function organizationQuery(organizationId: string) {
  return queryOptions({
    queryKey: ["organizations", organizationId],
    queryFn: () => clientOf("test").organizations.get({ organizationId }),
  });
}
