import { ListChecks } from "lucide-react";
import type { ImportColumn } from "presswork-client";
import { useState } from "react";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { RowItem } from "./RowItem";
import { type Row, verdictOf } from "./rows";

const SHOWN = 50;

interface RowsProps {
  readonly rows: readonly Row[];
  readonly isOnlyOpen: boolean;
  readonly zone: string;
  readonly isDisabled: boolean;
  readonly onCorrect: (number: number, column: ImportColumn, text: string) => void;
  readonly onRemove: (number: number) => void;
}

/** The rows of the file, or those that are not ready. */
export function Rows({ rows, isOnlyOpen, ...props }: RowsProps) {
  const [count, setCount] = useState(SHOWN);
  const wanted = isOnlyOpen ? rows.filter((row) => verdictOf(row) !== "ready") : rows;
  if (wanted.length === 0) {
    return (
      <div className="panel">
        <EmptyState icon={ListChecks} title="Every row is ready">
          Import them with the button below.
        </EmptyState>
      </div>
    );
  }
  return (
    <>
      <ul className="panel import-rows" aria-label="Rows">
        {wanted.slice(0, count).map((row) => (
          <RowItem key={row.number} row={row} {...props} />
        ))}
      </ul>
      {wanted.length > count && (
        <div className="more">
          <Button onPress={() => setCount(count + SHOWN)}>Show more</Button>
        </div>
      )}
    </>
  );
}
