import type { Status } from "presswork-client";

/** What the sentence is made from. */
export interface Standing {
  readonly status: Status;
  readonly scheduledFor: string;
}

const IS_OVER: Readonly<Partial<Record<Status, string>>> = {
  published: "live",
  draft: "on the creator's phone",
  failed: "failed",
  canceled: "canceled",
};

/** Says how posts stand together: on their way, scheduled, live, or what became of each. */
export function postedSentence(posts: readonly Standing[], count: number, now: Date): string {
  const subject = count === 1 ? "The post" : `${count} posts`;
  const [is, its] = count === 1 ? ["is", "its"] : ["are", "their"];
  const numbers = new Map<string, number>();
  for (const { status } of posts) {
    const word = IS_OVER[status];
    if (word !== undefined) numbers.set(word, (numbers.get(word) ?? 0) + 1);
  }
  const over = [...numbers.values()].reduce((sum, number) => sum + number, 0);
  if (over === 0) {
    const isLater = posts.length === count && posts.every(({ scheduledFor }) => new Date(scheduledFor) > now);
    return isLater ? `${subject} ${is} scheduled.` : `${subject} ${is} on ${its} way.`;
  }
  const [only] = [...numbers];
  if (only !== undefined && only[1] === count)
    return only[0] === "failed" ? `${subject} failed.` : `${subject} ${is} ${only[0]}.`;
  const parts = [...numbers].map(([word, number]) => `${number} ${word}`);
  if (over < count) parts.push(`${count - over} on the way`);
  return `Of ${count} posts: ${parts.join(", ")}.`;
}

/** Whether a post could not be sent. */
export function hasFailed(posts: readonly Standing[]): boolean {
  return posts.some(({ status }) => status === "failed");
}
