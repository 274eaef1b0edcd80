import type { FoundPost } from "presswork-client";

/** Posts of one piece of content that are planned for the same instant. */
export interface PostsAt {
  /** ISO 8601. */
  readonly at: string;
  readonly posts: readonly FoundPost[];
}

/** Returns posts by their planned time: what is to come by its time, then what was, the latest first. */
export function postsByTime(posts: readonly FoundPost[]): readonly PostsAt[] {
  const groups = new Map<string, FoundPost[]>();
  for (const post of posts) groups.set(post.scheduledFor, [...(groups.get(post.scheduledFor) ?? []), post]);
  const all = [...groups].map(([at, some]) => ({ at, posts: some }));
  const isOpen = ({ posts: some }: PostsAt) =>
    some.some(({ status }) => status === "queued" || status === "publishing");
  const byTime = (one: PostsAt, other: PostsAt) => Date.parse(one.at) - Date.parse(other.at);
  return [
    ...all.filter(isOpen).toSorted(byTime),
    ...all
      .filter((one) => !isOpen(one))
      .toSorted(byTime)
      .toReversed(),
  ];
}
