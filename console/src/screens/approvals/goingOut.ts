import type { FoundPost } from "presswork-client";

/** Posts of which one sentence says how they stand. */
export interface Going {
  /** "Going out now on 2 accounts". */
  readonly text: string;
  /** When they are due, ISO 8601, if that is ahead: it stands in place of the words. */
  readonly at: string | null;
  readonly posts: readonly FoundPost[];
}

/** Returns posts that need no approval any more by how they stand: what goes out now, then by its time, then what is over. */
export function goingOut(posts: readonly FoundPost[], now: Date): readonly Going[] {
  const groups = new Map<string, { words: string; at: string | null; posts: FoundPost[] }>();
  for (const post of posts) {
    if (post.gateStatus !== null || post.status === "canceled") continue;
    const isAhead = post.status === "queued" && Date.parse(post.scheduledFor) > now.getTime();
    const words = isAhead ? "Goes out" : WORDS[post.status];
    const at = isAhead ? post.scheduledFor : null;
    const key = `${words} ${at ?? ""}`;
    const group = groups.get(key) ?? { words, at, posts: [] };
    group.posts.push(post);
    groups.set(key, group);
  }
  const order = ({ words, at }: { words: string; at: string | null }) =>
    at === null ? (words === WORDS.publishing ? 0 : Number.MAX_SAFE_INTEGER) : Date.parse(at);
  return [...groups.values()]
    .toSorted((one, other) => order(one) - order(other))
    .map(({ words, at, posts: some }) => ({ text: `${words} on ${accounts(some.length)}`, at, posts: some }));
}

const WORDS: Readonly<Record<FoundPost["status"], string>> = {
  queued: "Going out now",
  publishing: "Going out now",
  published: "Is out",
  draft: "Sent to the creator's phone",
  failed: "Did not go out",
  canceled: "Canceled",
};

function accounts(count: number): string {
  return count === 1 ? "1 account" : `${count} accounts`;
}
