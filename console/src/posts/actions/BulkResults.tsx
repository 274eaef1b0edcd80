import { useQueries, useQueryClient } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { useEffect, useState } from "react";
import { messageOf } from "../../api/errors";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { toast, toastError } from "../../ui/toasts";
import { bulkQuery, endOf, reportOf, reportSentence, startBulks, undosOf } from "./bulk";
import type { StartedBulk } from "./ids";
import { Results } from "./Results";
import "./action-dialog.css";

interface BulkResultsProps {
  readonly environment: Environment;
  readonly jobs: readonly StartedBulk[];
  /** "moved", "moved back". */
  readonly done: string;
  readonly isTakeDown?: boolean;
  /** Posts by which results are named. */
  readonly posts: readonly ScheduledPost[];
  /** Called when the dialog is closed, with the posts that failed once all are treated. */
  readonly onClose: (failed?: readonly string[]) => void;
  /** Called with the posts that are done, once the jobs end whose dialog was closed before. */
  readonly onLeft: (done: readonly string[]) => void;
  /** Called with the jobs that move the posts back. */
  readonly onUndo: (jobs: readonly StartedBulk[]) => void;
}

/** How far jobs of the server are, which continue without this tab. */
export function BulkResults(props: BulkResultsProps) {
  const { environment, jobs, done, isTakeDown = false, posts, onClose, onLeft, onUndo } = props;
  const queries = useQueryClient();
  const read = useQueries({ queries: jobs.map(({ id }) => bulkQuery(environment, id)) });
  const bulks = read.map(({ data }) => data);
  const report = reportOf(bulks);
  const isDone = report?.isDone === true;
  const [isUndoing, setUndoing] = useState(false);
  useEffect(() => {
    if (isDone) void queries.invalidateQueries({ queryKey: [environment, "posts"] });
  }, [isDone, queries, environment]);

  const error = read.find((one) => one.error)?.error;
  if (report === null) {
    return error ? (
      <Dialog isOpen onClose={() => onClose()} title="What became of the posts">
        <ErrorNotice error={error} />
      </Dialog>
    ) : null;
  }

  /** Without the dialog, a message says what became of the posts. */
  const follow = async () => {
    const ended = reportOf(await Promise.all(jobs.map(({ id }) => endOf(queries, environment, id))));
    if (ended === null) return;
    const sentence = reportSentence(ended, done);
    if (ended.failed > 0) toastError(sentence);
    else toast(sentence);
    onLeft(ended.items.flatMap(({ postId, ok }) => (ok ? [postId] : [])));
  };
  const close = () => {
    if (isDone) return onClose(report.items.flatMap(({ postId, ok }) => (ok ? [] : [postId])));
    onClose();
    follow().catch((reason: unknown) => toastError(messageOf(reason)));
  };

  const orders = isDone && !isUndoing ? undosOf(jobs, bulks) : [];
  const undo = async () => {
    setUndoing(true);
    try {
      onUndo(await startBulks(environment, orders));
    } catch (reason) {
      toastError(messageOf(reason));
    }
    setUndoing(false);
  };
  const known = new Map(posts.map((post) => [post.id, post]));
  return (
    <Results
      environment={environment}
      done={done}
      isTakeDown={isTakeDown}
      total={report.total}
      settled={report.settled}
      failed={report.failed}
      outcomes={report.items.map(({ postId, error: refusal }) => ({
        postId,
        post: known.get(postId),
        error: refusal?.message ?? null,
      }))}
      hasEnded={isDone}
      meanwhile="This continues also if you close the tab."
      hide="Hide"
      undo={
        orders.length === 0
          ? undefined
          : { count: orders.reduce((count, { ids }) => count + (ids?.length ?? 0), 0), run: () => void undo() }
      }
      onClose={close}
    />
  );
}
