import { useQueries, useQuery } from "@tanstack/react-query";
import type { Environment, PostCount } from "presswork-client";
import { clientOf } from "../../api/client";
import { type Filter, filterOf } from "./filter";
import type { QueueSearch } from "./search";
import { VIEWS } from "./views";

/** Counting reads an index of every post that it counts, so a burst of events does not repeat it. */
const AGAIN_AFTER_MS = 5_000;

/**
 * Returns how many posts each view has with the filters of the address, on all days; undefined until it is known. They are
 * counted once the list is there: a browser has few calls under way at once, and the list is what a person waits for.
 */
export function useTotals(
  environment: Environment,
  search: QueueSearch,
  zone: string,
  isListed: boolean,
): readonly (PostCount | undefined)[] {
  const totals = useQueries({
    queries: VIEWS.map(({ id, isDue }) => {
      const filter = filterOf({ ...search, view: id, status: undefined, since: undefined }, zone);
      return {
        queryKey: [environment, "totals", filter, isDue],
        queryFn: () => clientOf(environment).publishing.countPosts({ ...filter, ...(isDue && { until: new Date() }) }),
        refetchInterval: AGAIN_AFTER_MS,
        enabled: isListed,
      };
    }),
  });
  return totals.map(({ data }) => data);
}

/** Returns how many posts match a filter; undefined until it is known, and for no filter. */
export function useCount(environment: Environment, filter: Filter | null): PostCount | undefined {
  return useQuery({
    queryKey: [environment, "posts", "count", filter],
    queryFn: () => clientOf(environment).publishing.countPosts(filter ?? {}),
    enabled: filter !== null,
  }).data;
}
