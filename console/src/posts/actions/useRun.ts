import { useQueryClient } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { useState } from "react";
import { messageOf } from "../../api/errors";
import { countOf } from "./actions";
import type { Outcome } from "./Results";
import { runEach } from "./runEach";

const AT_A_TIME = 4;

/** A call about one post. */
export interface Job {
  readonly post: ScheduledPost;
  readonly call: () => Promise<unknown>;
  /** Takes it back, where the API can. */
  readonly undo?: () => Promise<unknown>;
}

/** Calls as far as they are answered. */
export interface Run {
  /** "moved", "moved back". */
  readonly done: string;
  readonly total: number;
  readonly outcomes: readonly Outcome[];
}

/** Whether all calls are answered. */
export function isOver(run: Run): boolean {
  return run.outcomes.length === run.total;
}

/** Returns the ids of the posts whose call failed. */
export function failedIn(run: Run): readonly string[] {
  return run.outcomes.flatMap(({ postId, error }) => (error === null ? [] : [postId]));
}

/** "97 posts canceled, 3 failed." */
export function summaryOf(run: Run): string {
  const failed = failedIn(run).length;
  return `${countOf({ length: run.total - failed })} ${run.done}${failed === 0 ? "" : `, ${failed} failed`}.`;
}

/** Makes calls about posts, a few at a time, and returns how far they are. */
export function useRun(environment: Environment) {
  const queries = useQueryClient();
  const [run, setRun] = useState<Run | null>(null);
  const start = async (jobs: readonly Job[], done: string): Promise<Run> => {
    let outcomes: readonly Outcome[] = [];
    setRun({ done, total: jobs.length, outcomes });
    // The calls are made by this tab: leaving the page would end the run halfway.
    const askFirst = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", askFirst);
    await runEach(
      jobs,
      AT_A_TIME,
      ({ call }) => call(),
      (job, error) => {
        outcomes = [
          ...outcomes,
          { postId: job.post.id, post: job.post, error: error === null ? null : messageOf(error) },
        ];
        setRun({ done, total: jobs.length, outcomes });
      },
    );
    window.removeEventListener("beforeunload", askFirst);
    void queries.invalidateQueries({ queryKey: [environment, "posts"] });
    return { done, total: jobs.length, outcomes };
  };
  return { run, start };
}
