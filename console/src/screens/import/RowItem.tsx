import { Pencil, Trash2 } from "lucide-react";
import type { ImportColumn } from "presswork-client";
import { memo, useState } from "react";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import { Time } from "../../ui/Time";
import { COLUMNS, plainMessage } from "./columns";
import { type Row, verdictOf } from "./rows";

const REVIEW_OUTCOMES = {
  ready: <Badge tone="good">Ready</Badge>,
  refused: <Badge tone="bad">To correct</Badge>,
  unchecked: <Badge>Not checked</Badge>,
} as const;
const LONG: ReadonlySet<ImportColumn> = new Set(["media", "caption", "firstComment", "options"]);

interface RowItemProps {
  readonly row: Row;
  readonly zone: string;
  readonly isDisabled: boolean;
  readonly onCorrect: (number: number, column: ImportColumn, text: string) => void;
  readonly onRemove: (number: number) => void;
}

/** A row of the file: what it is, and the cells that have to be corrected. */
export const RowItem = memo(function RowItem({ row, zone, isDisabled, onCorrect, onRemove }: RowItemProps) {
  const [isOpen, setOpen] = useState(false);
  const [touched, setTouched] = useState<ReadonlySet<ImportColumn>>(new Set());
  const findings = row.result?.findings ?? [];
  const errorsOf = (id: ImportColumn) => findings.filter((one) => one.column === id && one.severity === "error");
  const shown = COLUMNS.filter(({ id }) => isOpen || touched.has(id) || errorsOf(id).length > 0);
  const elsewhere = findings.filter(({ column, severity }) => column === null || severity === "warning");
  const due = row.result?.scheduledFor;
  const written = `${row.cells.date ?? ""} ${row.cells.time ?? ""}`.trim();
  return (
    <li className="import-row" aria-label={`Row ${row.number}`}>
      <div className="import-row-head">
        <span className="soft small import-number">{row.number}</span>
        <span className="import-caption cut">{row.cells.caption || row.cells.containerId || "No caption"}</span>
        <span className="soft small cut import-accounts">{row.cells.accounts}</span>
        <span className="small import-when">{due ? <Time at={due} zone={zone} /> : written || "At once"}</span>
        {REVIEW_OUTCOMES[verdictOf(row)]}
        <span className="import-row-actions">
          <Button
            kind="quiet"
            isIcon
            isDisabled={isDisabled}
            aria-label={`Edit row ${row.number}`}
            aria-expanded={isOpen}
            onPress={() => setOpen(!isOpen)}
          >
            <Pencil aria-hidden />
          </Button>
          <Button
            kind="quiet"
            isIcon
            isDisabled={isDisabled}
            aria-label={`Remove row ${row.number}`}
            onPress={() => onRemove(row.number)}
          >
            <Trash2 aria-hidden />
          </Button>
        </span>
      </div>
      {shown.length > 0 && (
        <div className="import-cells">
          {shown.map(({ id, label }) => (
            <TextField
              key={id}
              label={label}
              value={row.cells[id] ?? ""}
              isDisabled={isDisabled}
              {...(LONG.has(id) && { rows: 2 })}
              error={
                errorsOf(id)
                  .map(({ message }) => plainMessage(message, id))
                  .join(" ") || undefined
              }
              onChange={(text) => {
                setTouched((before) => new Set([...before, id]));
                onCorrect(row.number, id, text);
              }}
            />
          ))}
        </div>
      )}
      {elsewhere.map(({ message, severity, socialAccountId }) => (
        <p key={`${message} ${socialAccountId}`} className={severity === "error" ? "import-note bad" : "import-note"}>
          {plainMessage(message, null)}
        </p>
      ))}
    </li>
  );
});
