import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  APIStatusError,
  type DateOrder,
  type Environment,
  type ImportAnswer,
  type ImportColumn,
} from "presswork-client";
import { useRef, useState } from "react";
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

interface ImportProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly dateOrder: DateOrder | null;
}

/** The rows on the screen: checked in parts, corrected, and imported together. */
export function useImport({ environment, projectId, dateOrder }: ImportProps) {
  const queries = useQueryClient();
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [progress, setProgress] = useState<Progress | null>(null);
  // The same key for the same rows, and their content: an import that is tried again creates nothing twice.
  const attempt = useRef(randomKey());
  const uploaded = useRef(new WeakMap<Cells, string>());
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

  const run = useMutation({
    mutationFn: async (): Promise<ImportAnswer> => {
      const client = clientOf(environment);
      const ready = [];
      for (const row of rows) {
        setProgress({ done: ready.length, total: rows.length });
        const content = contentOf(row.cells);
        const before = uploaded.current.get(row.cells);
        if (content === null || before !== undefined) {
          ready.push(before === undefined ? row.cells : withContent(row.cells, before));
          continue;
        }
        try {
          const { id } = await client.content.upload({ projectId, ...content });
          uploaded.current.set(row.cells, id);
          ready.push(withContent(row.cells, id));
        } catch (error) {
          throw error instanceof APIStatusError ? new RowRefused(row, error) : error;
        }
      }
      setProgress({ done: rows.length, total: rows.length });
      return client.imports.create(
        { projectId, rows: ready, dryRun: false, ...order },
        { idempotencyKey: attempt.current },
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [environment] }),
    onSettled: () => setProgress(null),
  });

  return {
    rows,
    progress,
    check,
    run,
    /** Shows the rows of a file, and checks them. */
    start: (fresh: readonly Row[]) => {
      attempt.current = randomKey();
      run.reset();
      setRows(fresh);
      check.mutate(fresh);
    },
    /** Corrects a cell. The row has to be checked again. */
    correct: (number: number, column: ImportColumn, text: string) => {
      attempt.current = randomKey();
      run.reset();
      setRows((now) =>
        now.map((row) =>
          row.number === number ? { ...row, cells: { ...row.cells, [column]: text }, result: null } : row,
        ),
      );
    },
    clear: () => setRows([]),
    remove: (number: number) => {
      attempt.current = randomKey();
      setRows((now) => now.filter((row) => row.number !== number));
    },
    refusedRow: run.error instanceof RowRefused ? run.error.row.number : null,
  };
}

export type Importing = ReturnType<typeof useImport>;
