import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { clientOf } from "../api/client";

/** The second factors of the person who is signed in. */
export const factorsQuery = queryOptions({
  queryKey: ["second-factor"],
  queryFn: () => clientOf("test").auth.getSecondFactor(),
});

/** The passkeys of the person who is signed in. */
export const passkeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: async () => (await clientOf("test").auth.listPasskeys()).items,
});

/** The organization, and who must have a second factor in it. */
export const organizationQuery = queryOptions({
  queryKey: ["organization"],
  queryFn: () => clientOf("test").organization.get(),
});

/** Reads again what a change of a factor changes: factors, passkeys, and the sessions, which have ended. */
export async function readFactorsAgain(queries: QueryClient): Promise<void> {
  const keys = [factorsQuery.queryKey, passkeysQuery.queryKey, ["sessions"]];
  await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
}
