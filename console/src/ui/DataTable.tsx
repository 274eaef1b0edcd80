import type { ReactNode } from "react";
import type { Rows } from "../api/usePages";
import { Button } from "./Button";
import "./data-table.css";
import { ErrorNotice } from "./ErrorNotice";
import { SkeletonRows } from "./Skeleton";

export interface Column<T> {
  readonly name: string;
  readonly cell: (row: T) => ReactNode;
  /** Numbers and times. */
  readonly isAtEnd?: boolean;
  /** A word or two, which stay on one line. */
  readonly isShort?: boolean;
}

interface DataTableProps<T> {
  /** What the table lists, for assistive technology. */
  readonly label: string;
  readonly list: Rows<T>;
  readonly columns: readonly Column<T>[];
  readonly idOf: (row: T) => string;
  /** Shown instead of the table if the list is empty. */
  readonly empty: ReactNode;
}

function placeOf<T>({ isAtEnd, isShort }: Column<T>): string {
  return isAtEnd ? "at-end" : isShort ? "short" : "";
}

/** A list of the API as a table; on a phone, each row is a card. More rows are read by a button. */
export function DataTable<T>({ label, list, columns, idOf, empty }: DataTableProps<T>) {
  if (list.isPending) return <SkeletonRows />;
  if (list.error !== null && list.rows.length === 0) return <ErrorNotice error={list.error} />;
  if (list.rows.length === 0 && !list.hasMore) return empty;
  return (
    <>
      {/* biome-ignore lint/a11y/noRedundantRoles: `display: block` on a phone takes the role away */}
      <table className="data-table" role="table" aria-label={label}>
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <thead role="rowgroup">
          {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
          <tr role="row">
            {columns.map((column) => (
              // biome-ignore lint/a11y/noRedundantRoles: as above
              <th key={column.name} scope="col" role="columnheader" className={column.isAtEnd ? "at-end" : ""}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <tbody role="rowgroup">
          {list.rows.map((row) => (
            // biome-ignore lint/a11y/noRedundantRoles: as above
            <tr key={idOf(row)} role="row">
              {columns.map((column) => (
                // biome-ignore lint/a11y/noRedundantRoles: as above
                <td key={column.name} role="cell" data-name={column.name} className={placeOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {list.error !== null && <ErrorNotice error={list.error} />}
      {list.hasMore && (
        <div className="more">
          <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}
