import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { useEffect } from "react";
import { clientOf } from "../../api/client";
import { projectsQuery } from "../../api/projects";
import type { SignedIn } from "../../api/session";
import { type FirstStep, type StepId, stepsOf } from "./firstSteps";

/** Keys and projects have no events. */
const REFRESH_MS = 15_000;

export interface Step extends FirstStep {
  readonly isDone: boolean;
}

/** Returns the first steps that this person may take, or null once all are done. */
export function useFirstSteps(environment: Environment, session: SignedIn): readonly Step[] | null {
  const flag = `presswork-first-steps-done ${environment} ${session.user.id}`;
  const isKnownDone = localStorage.getItem(flag) !== null;
  const queries = useQueryClient();
  const mine = stepsOf(environment, session);
  const found = useQuery({
    queryKey: [environment, "first-steps"],
    queryFn: () => readDone(queries, environment, new Set(mine.map(({ id }) => id))),
    enabled: !isKnownDone && mine.length > 0,
    refetchInterval: REFRESH_MS,
  });
  const done = found.data;
  const isDone = done !== undefined && mine.every(({ id }) => done.includes(id));
  useEffect(() => {
    if (isDone) localStorage.setItem(flag, "true");
  }, [isDone, flag]);
  if (isKnownDone || isDone || done === undefined || mine.length === 0) return null;
  return mine.map((step) => ({ ...step, isDone: done.includes(step.id) }));
}

async function readDone(
  queries: QueryClient,
  environment: Environment,
  asked: ReadonlySet<StepId>,
): Promise<readonly StepId[]> {
  const client = clientOf(environment);
  const has = async (step: StepId, list: () => PromiseLike<{ readonly items: readonly unknown[] }>) =>
    asked.has(step) && (await list()).items.length > 0 ? [step] : [];
  const ofInstallation = async (): Promise<readonly StepId[]> => {
    if (!asked.has("address")) return [];
    const { publicUrl, platforms } = await client.system.get();
    return [
      ...(publicUrl === null ? [] : (["address"] as const)),
      ...(platforms.some(({ state }) => state !== "missing") ? (["platform"] as const) : []),
    ];
  };
  const done = await Promise.all([
    ofInstallation(),
    has("project", async () => ({ items: await queries.fetchQuery(projectsQuery(environment)) })),
    has("account", () => client.socialAccounts.search({ limit: 1 })),
    has("post", () => client.publishing.searchPosts({ limit: 1, since: new Date(0) })),
    has("key", () => client.apiKeys.list({ limit: 1 })),
  ]);
  return done.flat();
}
