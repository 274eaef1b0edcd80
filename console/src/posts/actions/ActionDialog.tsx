import type { Environment, ScheduledPost } from "presswork-client";
import { useState } from "react";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { toast } from "../../ui/toasts";
import { useZones } from "../projects";
import { isOutcomeUnknown } from "../StatusBadge";
import { ACTIONS, bulkRefusalOf, countOf, type Move, movedTime, refusalOf, timeRefusalOf } from "./actions";
import type { ActionId } from "./ids";
import "./action-dialog.css";
import { ConfirmNotLive } from "./ConfirmNotLive";
import { jobsOf } from "./jobsOf";
import { MoveFields, startOf } from "./MoveFields";
import { Results } from "./Results";
import { Skipped } from "./Skipped";
import { undoable, useRun } from "./useRun";

interface ActionDialogProps {
  readonly environment: Environment;
  readonly action: ActionId;
  readonly posts: readonly ScheduledPost[];
  readonly onClose: () => void;
  /** Called when all calls are answered, with the posts whose call failed, and what the calls returned. */
  readonly onDone?: (failed: readonly ScheduledPost[], answers: readonly unknown[]) => void;
}

/** Asks before something is done with posts, names how many, does it, and shows what became of each. */
export function ActionDialog({ environment, action, posts: latest, onClose, onDone }: ActionDialogProps) {
  const { run, start } = useRun(environment);
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

  const confirm = async () => {
    setAsked(posts);
    const jobs = jobsOf(environment, action, eligible, (post) => timeOf(post) ?? new Date(), isNotLive);
    const answers: unknown[] = [];
    const noted = jobs.map((job) => ({ ...job, call: async () => void answers.push(await job.call()) }));
    const ended = await start(noted, done);
    const failed = ended.outcomes.filter(({ error }) => error !== null).map(({ job }) => job.post);
    if (single !== undefined && failed.length === 0) {
      const undo = () =>
        void start(
          undoable(ended).map((job) => ({ post: job.post, call: job.undo ?? job.call })),
          "moved back",
        );
      toast(`The post is ${done}.`, action === "move" ? { label: "Undo", run: undo } : undefined);
      onClose();
    }
    onDone?.(failed, answers);
  };

  if (run !== null && single === undefined) {
    return (
      <Results
        environment={environment}
        run={run}
        onUndo={(jobs) => void start(jobs, "moved back")}
        onClose={onClose}
      />
    );
  }
  const error = run?.outcomes.find((outcome) => outcome.error !== null)?.error;
  const what = single ? "this post" : countOf(eligible);
  return (
    <Dialog
      isOpen
      isAlert={isDangerous}
      onClose={onClose}
      title={eligible.length === 0 && !single ? `Nothing to do: ${label.toLowerCase()}` : titleOf(action, what)}
      actions={
        <>
          <Button onPress={onClose}>Leave {single ? "it" : "them"}</Button>
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
