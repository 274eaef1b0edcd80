import { Download, Table2 } from "lucide-react";
import { useState } from "react";
import { Button } from "../../ui/Button";
import { DropZone } from "../../ui/DropZone";
import { FileButton } from "../../ui/FileButton";
import { Notice } from "../../ui/Notice";
import { decode, parse, type Table, write } from "./csv";
import { MAX_ROWS } from "./rows";

const MAX_BYTES = 4 * 1024 * 1024;
const EXAMPLE = [
  ["media", "altText", "caption", "firstComment", "accounts", "date", "time", "mode", "options"],
  [
    "https://example.com/bread.jpg",
    "A loaf",
    "Fresh from the oven",
    "",
    "instagram:@bakery",
    "2026-12-24",
    "09:00",
    "publish",
    "",
  ],
  [
    "roll.jpg, cake.jpg",
    "A roll|A cake",
    "Two for one",
    "Until six",
    "instagram:@bakery, tiktok:@bakery",
    "2026-12-25",
    "18:30",
    "publish",
    "",
  ],
];

interface ChooseFileProps {
  readonly onTable: (table: Table, name: string) => void;
}

/** Chooses a CSV file, and reads it. */
export function ChooseFile({ onTable }: ChooseFileProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const text = file.size > MAX_BYTES ? "" : decode(await file.arrayBuffer());
    const table = text === null ? null : parse(text);
    if (file.size > MAX_BYTES) setProblem(`${file.name} has more than 4 MB. Split it into several files.`);
    else if (table === null) {
      setProblem(`${file.name} is not UTF-8, so its letters can't be read. In Excel, save it as “CSV UTF-8”.`);
    } else if (table.rows.length === 0) setProblem(`${file.name} has no rows below the names of its columns.`);
    else if (table.rows.length > MAX_ROWS) {
      setProblem(`${file.name} has ${table.rows.length} rows; one import may have ${MAX_ROWS}. Split it.`);
    } else onTable(table, file.name);
  };
  return (
    <>
      <DropZone className="panel drop-zone empty import-drop" onFiles={([file]) => void read(file)}>
        <Table2 aria-hidden />
        <p>Plan posts in a spreadsheet, and save it as CSV.</p>
        <p className="soft small">
          One line a post: names of its pictures or videos, caption, accounts, date and time. Up to {MAX_ROWS} lines,
          with commas, semicolons or tabs.
        </p>
        <div className="import-drop-actions">
          <FileButton
            kind="primary"
            accepted={[".csv", ".tsv", ".txt", "text/csv"]}
            onFiles={([file]) => void read(file)}
          >
            Choose a file
          </FileButton>
          <Button onPress={downloadExample}>
            <Download aria-hidden /> Example file
          </Button>
        </div>
      </DropZone>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
    </>
  );
}

function downloadExample() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([write(EXAMPLE)], { type: "text/csv" }));
  link.download = "presswork-example.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}
