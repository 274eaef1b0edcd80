interface Row {
  readonly id: string;
}

/** The rows of a list that stands still while it is used. */
export interface StableRows<T> {
  readonly rows: readonly T[];
  /** How many rows the list has above its last one that are not shown yet. */
  readonly added: number;
  /** The ids of shown rows that the list no longer has. */
  readonly gone: ReadonlySet<string>;
}

/** Returns rows in the order in which they are held, as the list has them now; what follows the last one is shown, too. */
export function stableRows<T extends Row>(held: readonly T[], fresh: readonly T[]): StableRows<T> {
  const now = new Map(fresh.map((row) => [row.id, row]));
  const isHeld = new Set(held.map((row) => row.id));
  const last = fresh.findLastIndex((row) => isHeld.has(row.id));
  const after = fresh.slice(last + 1);
  return {
    rows: [...held.map((row) => now.get(row.id) ?? row), ...after],
    added: fresh.slice(0, last + 1).filter((row) => !isHeld.has(row.id)).length,
    gone: new Set(held.filter((row) => !now.has(row.id)).map((row) => row.id)),
  };
}
