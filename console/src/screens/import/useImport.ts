import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  APIStatusError,
  type DateOrder,
  type Environment,
  type ImportColumn,
  type ImportedRow,
  type ImportResult,
  type ImportRowParam,
} from "presswork-client";
import { useMemo, useRef, useState } from "react";
import { forgetAttempt, sendAttempt, standingOf } from "../../api/attempt";
import { clientOf, randomKey } from "../../api/client";
import { UploadError } from "../compose/putFile";
import { type AddedFiles, keyOf, missingOf, namesOf } from "./namedFiles";
import { FileRefused, type UploadedRow, uploadRow } from "./rowContent";
import { type Cells, contentOf, partsOf, type Row, withContent } from "./rows";

/** How far something is. */
export interface Progress {
  readonly what: "Checking" | "Sending the files" | "Bringing in the media";
  readonly done: number;
  readonly total: number;
}

/** A row whose media was refused while it was brought in. */
class RowRefused extends Error {
  constructor(
    readonly row: Row,
    readonly reason: Error,
  ) {
    super(reason.message);
  }
}

/** What is sent of rows: the content that was uploaded for each, where it had none. */
interface ImportCall {
  readonly contents: readonly (string | null)[];
  readonly idempotencyKey: string;
}

interface ImportProps {
  readonly environment: Environment;
  /** Who imports: the server knows a person's idempotency keys apart from another's. */
  readonly userId: string;
  readonly projectId: string;
  readonly dateOrder: DateOrder | null;
  readonly files: AddedFiles;
}

/** What is sent of a row that is checked, and why its files can't be used; null: they can, or it names none. */
interface Prepared {
  readonly cells: ImportRowParam;
  readonly problem: string | null;
}

/**
 * The rows on the screen: checked in parts, corrected, and imported together. The same rows are sent again under the same
 * idempotency key, also after a reload, so that nothing is created twice; `standing` says what may have become of an earlier import.
 */
export function useImport({ environment, userId, projectId, dateOrder, files }: ImportProps) {
  const queries = useQueryClient();
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [progress, setProgress] = useState<Progress | null>(null);
  const created = useRef(new WeakMap<Cells, string>());
  const uploaded = useRef(new Map<number, UploadedRow>());
  const place = `import-${environment}`;
  const of = useMemo(
    () => JSON.stringify([userId, projectId, dateOrder, rows.map(({ cells }) => cells)]),
    [userId, projectId, dateOrder, rows],
  );
  const order = dateOrder === null ? {} : { dateOrder };

  const idOfFiles = async ({ number, cells }: Row): Promise<string> => {
    const chosen = namesOf(cells).flatMap((name) => files.get(keyOf(name)) ?? []);
    const row = await uploadRow(environment, projectId, cells, chosen, uploaded.current.get(number));
    uploaded.current.set(number, row);
    return row.content.id;
  };
  const prepare = async (row: Row): Promise<Prepared> => {
    const { cells } = row;
    if (namesOf(cells).length === 0) return { cells, problem: null };
    const missing = missingOf([cells], files);
    if (missing.length > 0) return { cells, problem: `Add ${missing.join(", ")}, or write an address.` };
    try {
      return { cells: withContent(cells, await idOfFiles(row)), problem: null };
    } catch (error) {
      if (isAboutFiles(error)) return { cells, problem: error.message };
      throw error;
    }
  };

  const check = useMutation({
    mutationFn: async (wanted: readonly Row[]) => {
      let done = 0;
      const total = wanted.length;
      for (const part of partsOf(wanted)) {
        const prepared: Prepared[] = [];
        for (const row of part) {
          const what = namesOf(row.cells).length > 0 ? "Sending the files" : "Checking";
          setProgress({ what, done: done + prepared.length, total });
          prepared.push(await prepare(row));
        }
        setProgress({ what: "Checking", done, total });
        const answer = await clientOf(environment).imports.create({
          projectId,
          rows: prepared.map(({ cells }) => cells),
          ...order,
        });
        const results = new Map(
          part.map((row, place) => [
            row.number,
            { cells: row.cells, result: resultOf(answer.rows[place], row, prepared[place]) },
          ]),
        );
        setRows((now) =>
          now.map((row) => {
            const found = results.get(row.number);
            return found?.result === undefined || found.cells !== row.cells ? row : { ...row, result: found.result };
          }),
        );
        done += part.length;
        setProgress({ what: "Checking", done, total });
      }
    },
    onSettled: () => setProgress(null),
  });

  const upload = async (): Promise<ImportCall> => {
    const contents: (string | null)[] = [];
    for (const row of rows) {
      setProgress({ what: "Bringing in the media", done: contents.length, total: rows.length });
      const content = contentOf(row.cells);
      const before = created.current.get(row.cells);
      if (content === null || before !== undefined) {
        contents.push(before ?? null);
        continue;
      }
      try {
        const id =
          namesOf(row.cells).length > 0
            ? await idOfFiles(row)
            : (await clientOf(environment).content.create({ projectId, ...content })).id;
        created.current.set(row.cells, id);
        contents.push(id);
      } catch (error) {
        throw isAboutFiles(error) ? new RowRefused(row, error) : error;
      }
    }
    return { contents, idempotencyKey: randomKey() };
  };

  const run = useMutation({
    mutationFn: (): Promise<ImportResult> =>
      sendAttempt(place, of, upload, async ({ contents, idempotencyKey }) => {
        setProgress({ what: "Bringing in the media", done: rows.length, total: rows.length });
        const ready = rows.map(({ cells }, at) => {
          const content = contents[at] ?? null;
          return content === null ? cells : withContent(cells, content);
        });
        return clientOf(environment).imports.create(
          { projectId, rows: ready, dryRun: false, ...order },
          { idempotencyKey },
        );
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [environment] }),
    onSettled: () => setProgress(null),
  });

  return {
    rows,
    progress,
    check,
    run,
    standing: run.isPending || rows.length === 0 ? ("none" as const) : standingOf(place, of),
    /** Imports the rows. It is forgotten by the screen that shows its result: one that was left finds it again. */
    start: () => run.mutate(undefined, { onSuccess: () => forgetAttempt(place) }),
    /** Shows the rows of a file, and checks them. */
    show: (fresh: readonly Row[]) => {
      run.reset();
      setRows(fresh);
      check.mutate(fresh);
    },
    /** Corrects a cell. The row has to be checked again. */
    correct: (number: number, column: ImportColumn, text: string) => {
      run.reset();
      setRows((now) =>
        now.map((row) =>
          row.number === number ? { ...row, cells: { ...row.cells, [column]: text }, result: null } : row,
        ),
      );
    },
    /** Forgets what was found about rows that name one of the files, which were added since. */
    forget: (keys: ReadonlySet<string>) =>
      setRows((now) =>
        now.map((row) => (namesOf(row.cells).some((name) => keys.has(keyOf(name))) ? { ...row, result: null } : row)),
      ),
    clear: () => {
      uploaded.current.clear();
      setRows([]);
    },
    remove: (number: number) => {
      setRows((now) => now.filter((row) => row.number !== number));
    },
    refusedRow: run.error instanceof RowRefused ? run.error.row.number : null,
  };
}

/** Whether an error is about the row: the server or this page refused it, or a file did not arrive. */
function isAboutFiles(error: unknown): error is Error {
  return error instanceof APIStatusError || error instanceof FileRefused || error instanceof UploadError;
}

/** Returns what was found about a row in its own columns: the content was made of its files. */
function resultOf(answer: ImportedRow | undefined, row: Row, prepared: Prepared | undefined): ImportedRow | undefined {
  if (answer === undefined || prepared === undefined || namesOf(row.cells).length === 0) return answer;
  if (prepared.problem === null) {
    const findings = answer.findings.map((one) =>
      one.column === "containerId" ? { ...one, column: "media" as const } : one,
    );
    return { ...answer, findings };
  }
  const problem = {
    column: "media" as const,
    severity: "error" as const,
    code: "invalid_value" as const,
    message: prepared.problem,
    socialAccountId: null,
    details: {},
  };
  return { ...answer, ok: false, findings: [problem, ...answer.findings.filter(({ column }) => column !== "media")] };
}

export type Importing = ReturnType<typeof useImport>;
