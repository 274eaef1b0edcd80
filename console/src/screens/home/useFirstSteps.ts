import { useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { useEffect } from "react";
import { clientOf } from "../../api/client";
import type { SignedIn } from "../../api/session";

/** Keys and projects have no events. */
const REFRESH_MS = 15_000;

export interface Step {
  readonly id: "project" | "account" | "post" | "key";
  readonly title: string;
  readonly text: string;
  readonly action: string;
  /** The parts of its screen's address. */
  readonly place: readonly string[];
  readonly isDone: boolean;
}

const STEPS: readonly (Omit<Step, "isDone"> & { readonly scope: string })[] = [
  {
    id: "project",
    title: "Create a project",
    text: "It groups the accounts and content of one customer or brand, with its time zone.",
    action: "New project",
    place: ["accounts", "projects"],
    scope: "projects:write",
  },
  {
    id: "account",
    title: "Connect an account",
    text: "In the test environment, choose one of the sandbox's accounts.",
    action: "Connect",
    place: ["accounts"],
    scope: "social:write",
  },
  {
    id: "post",
    title: "Compose a post",
    text: "Publish it at once, schedule it, or send it for review.",
    action: "Compose",
    place: ["compose"],
    scope: "publish:write",
  },
  {
    id: "key",
    title: "Create an API key",
    text: "Then make the first call from your program: the page shows it in curl, Python and TypeScript.",
    action: "New key",
    place: ["developers", "keys"],
    scope: "org:admin",
  },
];

/** Returns the first steps that this person may take, or null once all are done. */
export function useFirstSteps(environment: Environment, session: SignedIn): readonly Step[] | null {
  const flag = `presswork-first-steps-done ${environment} ${session.user.id}`;
  const isKnownDone = localStorage.getItem(flag) !== null;
  const mine = STEPS.filter((step) => session.scopes.includes(step.scope));
  const client = clientOf(environment);
  const found = useQuery({
    queryKey: [environment, "first-steps"],
    queryFn: async () => {
      const has = async (step: Step["id"], list: () => PromiseLike<{ readonly items: readonly unknown[] }>) =>
        mine.some(({ id }) => id === step) && (await list()).items.length > 0 ? [step] : [];
      const done = await Promise.all([
        has("project", () => client.projects.list({ limit: 1 })),
        has("account", () => client.socialAccounts.search({ limit: 1 })),
        has("post", () => client.publishing.searchPosts({ limit: 1, since: new Date(0) })),
        has("key", () => client.apiKeys.list({ limit: 1 })),
      ]);
      return done.flat();
    },
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
