import type { Row } from "../../posts/groups";

/** The rows of a list that stands still while it is used. */
export interface StableRows {
  readonly rows: readonly Row[];
  /** How many rows above its last one have posts that are not shown yet. */
  readonly added: number;
  /** The ids of shown posts that the list no longer has. */
  readonly gone: ReadonlySet<string>;
}

/**
 * Returns rows in the order in which they are held, with their posts as the list has them now: one that was moved stays in its
 * row. What follows the last row is shown, too.
 */
export function stableRows(held: readonly Row[], fresh: readonly Row[]): StableRows {
  if (held === fresh) return { rows: fresh, added: 0, gone: new Set() };
  const now = new Map(fresh.flatMap(({ posts }) => posts.map((post) => [post.id, post])));
  const isHeld = new Set(held.flatMap(({ posts }) => posts.map(({ id }) => id)));
  const last = fresh.findLastIndex(({ posts }) => posts.some(({ id }) => isHeld.has(id)));
  return {
    rows: [
      ...held.map((row) => ({ ...row, posts: row.posts.map((post) => now.get(post.id) ?? post) })),
      ...fresh.slice(last + 1),
    ],
    added: fresh.slice(0, last + 1).filter(({ posts }) => posts.some(({ id }) => !isHeld.has(id))).length,
    gone: new Set([...isHeld].filter((id) => !now.has(id))),
  };
}
