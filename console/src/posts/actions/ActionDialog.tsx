import type { Environment, ScheduledPost } from "presswork-client";
import { useEffect, useRef, useState } from "react";
import { useZones } from "../../api/projects";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { toast, toastError } from "../../ui/toasts";
import { isOutcomeUnknown } from "../StatusBadge";
import { ACTIONS, bulkRefusalOf, countOf, type Move, movedTime, refusalOf, timeRefusalOf } from "./actions";
import type { ActionId } from "./ids";
import "./action-dialog.css";
import { ConfirmNotLive } from "./ConfirmNotLive";
import { jobsOf } from "./jobsOf";
import { MoveFields, startOf } from "./MoveFields";
import { Results } from "./Results";
import { Skipped } from "./Skipped";
import { failedIn, isOver, type Job, summaryOf, undosOf, useRun } from "./useRun";

interface ActionDialogProps {
  readonly environment: Environment;
  readonly action: ActionId;
  readonly posts: readonly ScheduledPost[];
  /** Called with the posts whose call failed; without them if nothing was done. */
  readonly onClose: (failed?: readonly ScheduledPost[]) => void;
  /** Called with the posts that are done, or were left out, once a run ends whose dialog was closed before. */
  readonly onLeft?: (done: readonly ScheduledPost[]) => void;
  /** Called with what the API answered about a single post. */
  readonly onDone?: (answer: unknown) => void;
}

/** Asks before something is done with posts, names how many, does it, and shows what became of each. */
export function ActionDialog({ environment, action, posts: latest, onClose, onLeft, onDone }: ActionDialogProps) {
  const { run, start: startRun } = useRun(environment);
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  const [asked, setAsked] = useState<readonly ScheduledPost[] | null>(null); // as they were when it started
  const posts = asked ?? latest;
  const zoneOf = useZones(environment);
  const [move, setMove] = useState<Move | null>(() => startOf(latest, zoneOf));
  const [isNotLive, setNotLive] = useState(false);
  const { label, done, effect, isDangerous } = ACTIONS[action];
  const single = posts.length === 1 ? posts[0] : undefined;
  const timeOf = (post: ScheduledPost) =>
    move === null ? null : movedTime(post.scheduledFor, move, zoneOf(post.projectId));
  const timeProblemOf = (post: ScheduledPost) => {
    const time = action === "move" ? timeOf(post) : null;
    return time === null ? null : timeRefusalOf(time, new Date());
  };
  const reasonOf = (post: ScheduledPost) => {
    const refusal = single ? refusalOf(action, post) : bulkRefusalOf(action, post);
    const time = refusal === null ? timeProblemOf(post) : null;
    return refusal !== null ? `it is ${refusal}` : time !== null ? `it would be ${time}` : null;
  };
  const eligible = posts.filter((post) => reasonOf(post) === null);
  const asksWhetherLive = action === "republish" && single !== undefined && isOutcomeUnknown(single);
  const isReady = eligible.length > 0 && (action !== "move" || move !== null) && (!asksWhetherLive || isNotLive);

  /** Without the dialog, a message says what became of the posts. */
  const start = async (jobs: readonly Job[], word: string) => {
    const ended = await startRun(jobs, word);
    if (isOpen.current) return ended;
    const failed = failedIn(ended);
    if (failed.length > 0) toastError((single && ended.outcomes[0]?.error) || summaryOf(ended));
    else if (single === undefined) toast(summaryOf(ended));
    onLeft?.(posts.filter(({ id }) => !failed.some((one) => one.id === id)));
    return ended;
  };

  const confirm = async () => {
    setAsked(posts);
    const jobs = jobsOf(environment, action, eligible, (post) => timeOf(post) ?? new Date(), isNotLive);
    let answer: unknown;
    const noted = jobs.map((job) => ({
      ...job,
      call: async () => {
        answer = await job.call();
      },
    }));
    const ended = await start(noted, done);
    if (single === undefined || failedIn(ended).length > 0) return;
    const undo = async () => {
      const [outcome] = (await startRun(undosOf(ended), "moved back")).outcomes;
      if (outcome?.error) toastError(outcome.error);
    };
    toast(`The post is ${done}.`, action === "move" ? { label: "Undo", run: () => void undo() } : undefined);
    if (!isOpen.current) return;
    onClose([]);
    onDone?.(answer);
  };

  if (run !== null && single === undefined) {
    return (
      <Results
        environment={environment}
        run={run}
        onUndo={() => void start(undosOf(run), "moved back")}
        onClose={() => (isOver(run) ? onClose(failedIn(run)) : onClose())}
      />
    );
  }
  const error = run?.outcomes.find((outcome) => outcome.error !== null)?.error;
  const what = single ? "this post" : countOf(eligible);
  return (
    <Dialog
      isOpen
      isAlert={isDangerous}
      onClose={() => onClose()}
      title={eligible.length === 0 && !single ? `Nothing to do: ${label.toLowerCase()}` : titleOf(action, what)}
      actions={
        <>
          <Button onPress={() => onClose()}>Leave {single ? "it" : "them"}</Button>
          <Button
            kind={isDangerous ? "danger" : "primary"}
            isDisabled={!isReady}
            isPending={run !== null && run.outcomes.length < run.total}
            onPress={() => void confirm()}
          >
            {action === "publish"
              ? `Publish ${what} now`
              : action === "republish"
                ? `Publish ${what} again`
                : `${label} ${what}`}
          </Button>
        </>
      }
    >
      {error && <Notice tone="bad">{error}</Notice>}
      {effect !== "" && <p>{effect}</p>}
      {action === "move" && (
        <MoveFields posts={eligible.length > 0 ? eligible : posts} move={move} onChange={setMove} zoneOf={zoneOf} />
      )}
      {asksWhetherLive && (
        <ConfirmNotLive environment={environment} post={single} isConfirmed={isNotLive} onChange={setNotLive} />
      )}
      <Skipped environment={environment} posts={posts} reasonOf={reasonOf} isAlone={single !== undefined} />
    </Dialog>
  );
}

function titleOf(action: ActionId, what: string): string {
  switch (action) {
    case "publish":
      return `Publish ${what} now?`;
    case "move":
      return `Move ${what}`;
    case "cancel":
      return `Cancel ${what}?`;
    case "republish":
      return `Publish ${what} again?`;
  }
}
