import type { DateOrder, ImportColumn } from "presswork-client";
import type { ReactNode } from "react";
import { Button } from "../../ui/Button";
import { Select } from "../../ui/Select";
import { COLUMNS, labelOf } from "./columns";
import type { Table } from "./csv";
import { hasSlashes, orderOf } from "./dates";

const UNUSED = "unused";

/** Columns that say what is posted, of which a table has at least one. */
const CONTENT: readonly ImportColumn[] = ["media", "caption", "link", "parts", "containerId"];

interface MapColumnsProps {
  readonly table: Table;
  readonly columns: readonly (ImportColumn | null)[];
  readonly zone: string;
  readonly dateOrder: DateOrder | null;
  readonly onColumns: (columns: (ImportColumn | null)[]) => void;
  readonly onDateOrder: (order: DateOrder) => void;
  readonly onCheck: () => void;
  readonly onBack: () => void;
  readonly children: ReactNode;
}

/** Says which column of the file is what. */
export function MapColumns({
  table,
  columns,
  zone,
  dateOrder,
  onColumns,
  onDateOrder,
  onCheck,
  onBack,
  children,
}: MapColumnsProps) {
  const place = columns.indexOf("date");
  const dates = place < 0 ? [] : table.rows.map((row) => row[place] ?? "");
  const found = orderOf(dates);
  const isAsked = hasSlashes(dates) && found === null;
  const missing = [
    ...(CONTENT.some((column) => columns.includes(column)) ? [] : [labelOf("media")]),
    ...(columns.includes("accounts") ? [] : [labelOf("accounts")]),
  ];
  const change = (at: number, id: string) =>
    onColumns(
      columns.map((old, index) =>
        index === at ? (COLUMNS.find((one) => one.id === id)?.id ?? null) : old === id ? null : old,
      ),
    );
  const needs = missing.length > 0 ? `Choose the column of: ${missing.join(", ")}.` : null;
  const asks = isAsked && dateOrder === null ? "Say how the dates are written." : null;
  return (
    <section className="panel import-part" aria-labelledby="import-columns">
      <h2 id="import-columns">Columns</h2>
      <p className="soft small">
        Times are those of the project: {zone}.
        {found !== null && ` Dates are read with the ${found === "day_first" ? "day" : "month"} first.`}
      </p>
      <ul className="import-columns">
        {table.header.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the columns of a file never move
          <li key={index}>
            <Select
              label={name || `Column ${index + 1}`}
              choices={[
                { id: UNUSED, label: "Not used" },
                ...COLUMNS.map(({ id, label, hint }) => ({ id, label, description: hint })),
              ]}
              value={columns[index] ?? UNUSED}
              description={<span className="cut">{table.rows[0]?.[index] || "—"}</span>}
              onChange={(id) => change(index, id)}
            />
          </li>
        ))}
        {isAsked && (
          <li>
            <Select
              label="Dates with slashes"
              choices={[
                { id: "day_first", label: "Day first: 24/12/2026" },
                { id: "month_first", label: "Month first: 12/24/2026" },
              ]}
              value={dateOrder}
              onChange={onDateOrder}
            />
          </li>
        )}
      </ul>
      {children}
      <div className="import-actions">
        <Button onPress={onBack}>Another file</Button>
        <Button kind="primary" isDisabled={needs !== null || asks !== null} onPress={onCheck}>
          Check {table.rows.length} {table.rows.length === 1 ? "row" : "rows"}
        </Button>
        <span className="soft small" role="status">
          {needs ?? asks ?? "Nothing is scheduled before you confirm."}
        </span>
      </div>
    </section>
  );
}
