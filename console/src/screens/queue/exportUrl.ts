import type { Environment } from "presswork-client";
import type { Filter } from "./filter";

/** Returns where the posts that a filter finds are downloaded as CSV. A link sends no header that names the environment. */
export function exportUrl(environment: Environment, filter: Filter, order: "asc" | "desc"): string {
  const query = new URLSearchParams({ format: "csv", environment, order });
  for (const [name, value] of Object.entries(filter)) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return `/v1/scheduled-posts/export?${query}`;
}
