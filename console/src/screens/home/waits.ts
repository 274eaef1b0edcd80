import type { FoundPost, WaitReason } from "presswork-client";
import type { Row } from "../../posts/groups";

const REASONS: Readonly<Record<WaitReason, string>> = {
  approval: "Its content waits for approval",
  lane: "Another post of the account is being published",
  rate_limit: "A limit of the platform is reached",
  retry: "A temporary error; it is tried again",
  outcome_unknown: "The answer of the platform was lost; Presswork asks what became of the post",
  processing: "The platform has it and has not finished",
  provider: "The provider has it and has not reported",
  setting: "The platform is not set up",
  worker: "No worker has taken it yet",
};
/** A worker takes a due post within a second, and publishing a video takes a minute or two. */
const LATE_MS = 3 * 60_000;

/** Posts of a row that are late or held, and why in words. */
export interface Wait {
  readonly row: Row;
  readonly posts: readonly FoundPost[];
  readonly why: string;
  readonly until: string | null;
}

/** Returns the posts that should be out by now or can't go out: those of a row that wait for the same reason together. */
export function waitsOf(rows: readonly Row[], now: Date): readonly Wait[] {
  return rows.flatMap((row) => {
    const byReason = new Map<string, Wait>();
    for (const post of row.posts) {
      const why = whyOf(post, now);
      if (why === null) continue;
      const posts = [...(byReason.get(why)?.posts ?? []), post];
      byReason.set(why, { row, posts, why, until: post.waiting?.until ?? null });
    }
    return [...byReason.values()];
  });
}

function whyOf({ waiting, scheduledFor }: FoundPost, now: Date): string | null {
  const isLate = now.getTime() - new Date(scheduledFor).getTime() > LATE_MS;
  const isHeld = waiting !== null && waiting.reason !== "worker" && waiting.reason !== "processing";
  if (!isLate && !isHeld) return null;
  return waiting === null ? "It is being published for longer than usual" : REASONS[waiting.reason];
}
