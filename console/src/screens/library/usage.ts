import type { PostOfContent, SocialAccount } from "presswork-client";
import type { Marked } from "../../posts/AccountMarks";
import { jointState, type State } from "../../posts/groups";

interface Usage {
  readonly posts: readonly Marked[];
  readonly state: State;
  /** When the next post goes out; null if none is to. */
  readonly at: string | null;
}

/** Returns what content is used for, as its card shows it. */
export function usageOf(posts: readonly PostOfContent[], accounts: readonly SocialAccount[]): Usage {
  const handles = new Map(accounts.map(({ socialAccountId, handle }) => [socialAccountId, handle]));
  const marked = posts.map((post) => ({
    ...post,
    account: { handle: handles.get(post.socialAccountId) ?? "" },
    gateStatus: null,
    lastError: null,
    waiting: null,
  }));
  return {
    posts: marked,
    state: jointState(marked),
    at: posts.find(({ status }) => status === "queued")?.scheduledFor ?? null, // they are in the order of their times
  };
}
