import { useQuery } from "@tanstack/react-query";
import type { Environment, FoundPost, Pages, PostGroup, PostGroupPage } from "presswork-client";
import { clientOf } from "../../api/client";
import { projectsQuery } from "../../api/projects";
import type { SignedIn } from "../../api/session";
import { pageWithRows } from "../../api/usePages";
import { NOT_TAKEN_DOWN } from "../../posts/afterwards";
import { type Row, rowOf } from "../../posts/groups";
import { useNow } from "../../ui/useNow";
import { tomorrowIn } from "./days";

/** What a card shows of a list; the screen behind its link has the rest. */
export const SHOWN = 4;
/** How far a list is read; beyond that a card says "50+". */
const READ = 50;
const MOST_READ = 100;
const HOUR_MS = 3_600_000;
const HORIZON_MS = 72 * HOUR_MS;
const REFRESH_MS = 60_000;

/** The beginning of a list, and whether there is more of it. */
export interface Some<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

/** Returns how many there are: "3", or "50+". */
export function countOf({ items, hasMore }: Some<unknown>): string {
  return hasMore ? `${items.length}+` : `${items.length}`;
}

async function some<T>(
  page: PromiseLike<{ readonly items: readonly T[]; readonly hasNextPage: boolean }>,
): Promise<Some<T>> {
  const { items, hasNextPage } = await page;
  return { items, hasMore: hasNextPage };
}

async function someRows(pages: Pages<PostGroup, PostGroupPage>): Promise<Some<Row>> {
  const { items, hasNextPage } = await pageWithRows(await pages);
  return { items: items.map(rowOf), hasMore: hasNextPage };
}

/** Reads, at once, what may need this person. Events refresh it; what has no events is read again each minute. */
export function useNeeds(environment: Environment, session: SignedIn, since: Date) {
  const client = clientOf(environment);
  const may = (scope: string) => session.scopes.includes(scope);
  const review = useQuery({
    queryKey: [environment, "content", "home"],
    queryFn: async () =>
      some(
        pageWithRows(
          await client.content.search({
            approvalStatus: ["pending"],
            status: ["completed"],
            order: "asc",
            limit: READ,
          }),
        ),
      ),
    enabled: may("content:read"),
  });
  const failed = useQuery({
    queryKey: [environment, "posts", "home", "failed"],
    queryFn: () => someRows(client.publishing.searchGroups({ status: ["failed"], order: "desc", limit: READ })),
    enabled: may("publish:read"),
    select: ({ items, hasMore }) => {
      const isNew = ({ lastError, updatedAt }: FoundPost) => new Date(lastError?.at ?? updatedAt) > since;
      const found = items.flatMap((row) => {
        const posts = row.posts.filter(isNew);
        return posts.length === 0 ? [] : [{ ...row, posts }];
      });
      return { items: found, hasMore: hasMore && found.length === items.length };
    },
  });
  const stillLive = useQuery({
    queryKey: [environment, "posts", "home", "still live"],
    queryFn: async () => {
      // One page: the newest posts are searched, however many there are.
      const filter = { status: ["published"], liveStatus: NOT_TAKEN_DOWN, order: "desc", limit: READ } as const;
      const { items, hasMore } = await some(client.publishing.searchGroups(filter));
      return { items: items.map(rowOf), hasMore: hasMore && items.length === READ };
    },
    enabled: may("publish:read"),
    select: ({ items, hasMore }) => {
      const found = items.flatMap((row) => {
        const posts = row.posts.filter(({ updatedAt }) => new Date(updatedAt) > since);
        return posts.length === 0 ? [] : [{ ...row, posts }];
      });
      return { items: found, hasMore: hasMore && found.length === items.length };
    },
  });
  const coming = useQuery({
    queryKey: [environment, "posts", "home", "coming"],
    queryFn: () => {
      const until = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + HORIZON_MS);
      return someRows(
        client.publishing.searchGroups({ status: ["queued", "publishing"], until, order: "asc", limit: MOST_READ }),
      );
    },
    enabled: may("publish:read"),
    refetchInterval: REFRESH_MS,
  });
  const reconnect = useQuery({
    queryKey: [environment, "accounts", "home"],
    queryFn: () => some(client.socialAccounts.search({ status: ["reauth_required"], limit: READ })),
    enabled: may("social:read"),
  });
  const endpoints = useQuery({
    queryKey: [environment, "endpoints", "home"],
    queryFn: () => some(client.webhooks.listEndpoints({ limit: MOST_READ })),
    enabled: may("webhooks:read"),
    refetchInterval: REFRESH_MS,
    select: ({ items, hasMore }) => ({ items: items.filter((one) => one.status === "paused"), hasMore }),
  });
  const projects = useQuery({
    ...projectsQuery(environment),
    enabled: may("projects:read"),
    refetchInterval: REFRESH_MS,
  });
  // The first posts may all be of today.
  const zones = projects.data?.map(({ timezone }) => timezone);
  const span = tomorrowIn(zones ?? [], useNow());
  const tomorrow = useQuery({
    queryKey: [environment, "posts", "home", "tomorrow", span],
    queryFn: () =>
      someRows(
        client.publishing.searchGroups({ status: ["queued", "publishing"], ...span, order: "asc", limit: MOST_READ }),
      ),
    enabled: coming.data?.hasMore === true && zones !== undefined,
    refetchInterval: REFRESH_MS,
  });
  const system = useQuery({
    queryKey: [environment, "system", "home"],
    queryFn: () => client.system.get(),
    enabled: session.isInstallationAdmin,
    refetchInterval: REFRESH_MS,
  });
  return { review, failed, stillLive, coming, tomorrow, reconnect, endpoints, projects, system };
}
