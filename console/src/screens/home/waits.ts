import type { FoundPost, WaitReason } from "presswork-client";

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

/** A post that is late or held, and why in words. */
export interface Wait {
  readonly post: FoundPost;
  readonly why: string;
  readonly until: string | null;
}

/** Returns the posts that should be out by now or can't go out, with the reason. Others are on their way. */
export function waitsOf(posts: readonly FoundPost[], now: Date): readonly Wait[] {
  return posts.flatMap((post) => {
    const { waiting } = post;
    const isLate = now.getTime() - new Date(post.scheduledFor).getTime() > LATE_MS;
    const isHeld = waiting !== null && waiting.reason !== "worker" && waiting.reason !== "processing";
    if (!isLate && !isHeld) return [];
    const why = waiting === null ? "It is being published for longer than usual" : REASONS[waiting.reason];
    return [{ post, why: why ?? "It waits", until: waiting?.until ?? null }];
  });
}
