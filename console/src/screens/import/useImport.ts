import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  APIStatusError,
  type DateOrder,
  type Environment,
  type ImportColumn,
  type ImportResult,
} from "presswork-client";
import { useMemo, useRef, useState } from "react";
import { forgetAttempt, sendAttempt, standingOf } from "../../api/attempt";
import { clientOf, randomKey } from "../../api/client";
import { type Cells, contentOf, partsOf, type Row, withContent } from "./rows";

/** How far something is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A row whose media was refused while it was brought in. */
class RowRefused extends Error {
  constructor(
    readonly row: Row,
    readonly reason: APIStatusError,
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
}

/**
 * The rows on the screen: checked in parts, corrected, and imported together. The same rows are sent again under the same
 * idempotency key, also after a reload, so that nothing is created twice; `standing` says what may have become of an earlier import.
 */
export function useImport({ environment, userId, projectId, dateOrder }: ImportProps) {
  const queries = useQueryClient();
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [progress, setProgress] = useState<Progress | null>(null);
  const uploaded = useRef(new WeakMap<Cells, string>());
  const place = `import-${environment}`;
  const of = useMemo(
    () => JSON.stringify([userId, projectId, dateOrder, rows.map(({ cells }) => cells)]),
    [userId, projectId, dateOrder, rows],
  );
  const order = dateOrder === null ? {} : { dateOrder };

  const check = useMutation({
    mutationFn: async (wanted: readonly Row[]) => {
      let done = 0;
      setProgress({ done, total: wanted.length });
      for (const part of partsOf(wanted)) {
        const answer = await clientOf(environment).imports.create({
          projectId,
          rows: part.map(({ cells }) => cells),
          ...order,
        });
        const results = new Map(
          part.map((row, place) => [row.number, { cells: row.cells, result: answer.rows[place] }]),
        );
        setRows((now) =>
          now.map((row) => {
            const found = results.get(row.number);
            return found?.result === undefined || found.cells !== row.cells ? row : { ...row, result: found.result };
          }),
        );
        done += part.length;
        setProgress({ done, total: wanted.length });
      }
    },
    onSettled: () => setProgress(null),
  });

  const upload = async (): Promise<ImportCall> => {
    const contents: (string | null)[] = [];
    for (const row of rows) {
      setProgress({ done: contents.length, total: rows.length });
      const content = contentOf(row.cells);
      const before = uploaded.current.get(row.cells);
      if (content === null || before !== undefined) {
        contents.push(before ?? null);
        continue;
      }
      try {
        const { id } = await clientOf(environment).content.create({ projectId, ...content });
        uploaded.current.set(row.cells, id);
        contents.push(id);
      } catch (error) {
        throw error instanceof APIStatusError ? new RowRefused(row, error) : error;
      }
    }
    return { contents, idempotencyKey: randomKey() };
  };

  const run = useMutation({
    mutationFn: (): Promise<ImportResult> =>
      sendAttempt(place, of, upload, async ({ contents, idempotencyKey }) => {
        setProgress({ done: rows.length, total: rows.length });
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
    clear: () => setRows([]),
    remove: (number: number) => {
      setRows((now) => now.filter((row) => row.number !== number));
    },
    refusedRow: run.error instanceof RowRefused ? run.error.row.number : null,
  };
}

export type Importing = ReturnType<typeof useImport>;
