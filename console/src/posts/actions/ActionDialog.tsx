import type { Environment, ScheduledPost } from "presswork-client";
import { useEffect, useRef, useState } from "react";
import { messageOf } from "../../api/errors";
import { useZones } from "../../api/projects";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { toast, toastError } from "../../ui/toasts";
import { isOutcomeUnknown } from "../StatusBadge";
import { ACTIONS, bulkRefusalOf, commandOf, countOf, refusalOf } from "./actions";
import { type Move, movedTime, timeRefusalOf } from "./moving";
import { canCall } from "./takeDown";
import "./action-dialog.css";
import { ordersOf, startBulks } from "./bulk";
import { ConfirmNotLive } from "./ConfirmNotLive";
import { type ActionId, isBulk, type StartedBulk } from "./ids";
import { jobsOf } from "./jobsOf";
import { MoveFields, startOf } from "./MoveFields";
import { RepeatWarning } from "./RepeatWarning";
import { Results } from "./Results";
import { Skipped } from "./Skipped";
import { TakeDownFields } from "./TakeDownFields";
import { failedIn, isOver, type Job, summaryOf, useRun } from "./useRun";
import { useWays } from "./useWays";

interface ActionDialogProps {
  readonly environment: Environment;
  readonly action: ActionId;
  readonly posts: readonly ScheduledPost[];
  /** Called with the posts whose call failed; without them if nothing was done. */
  readonly onClose: (failed?: readonly string[]) => void;
  /** Called with the posts that are done, or were left out, once a run ends whose dialog was closed before. */
  readonly onLeft?: (done: readonly string[]) => void;
  /** Called with the jobs of the server that treat several posts. */
  readonly onStarted?: (jobs: readonly StartedBulk[]) => void;
  /** Called with what the API answered about a single post. */
  readonly onDone?: (answer: unknown) => void;
}

/** Asks before something is done with posts, names how many, does it, and shows what became of each. */
export function ActionDialog(props: ActionDialogProps) {
  const { environment, action, posts: latest, onClose, onLeft, onStarted, onDone } = props;
  const { run: calls, start: startRun } = useRun(environment);
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
  const [reason, setReason] = useState("");
  const [start, setStart] = useState<"idle" | "starting" | Error>("idle");
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
  const isTakeDown = action === "takeDown";
  const ways = useWays(environment, eligible, isTakeDown);
  const isPossible = !ways.isPending && (single === undefined || canCall(ways.wayOf(single)));
  const isReady =
    eligible.length > 0 &&
    (action !== "move" || move !== null) &&
    (!asksWhetherLive || isNotLive) &&
    (!isTakeDown || isPossible);

  /** Without the dialog, a message says what became of the posts. */
  const run = async (jobs: readonly Job[], word: string) => {
    const ended = await startRun(jobs, word);
    if (isOpen.current) return ended;
    const failed = failedIn(ended);
    if (failed.length > 0) toastError((single && ended.outcomes[0]?.error) || summaryOf(ended));
    else if (single === undefined) toast(summaryOf(ended));
    onLeft?.(posts.map(({ id }) => id).filter((id) => !failed.includes(id)));
    return ended;
  };

  const startJobs = async () => {
    if (!isBulk(action)) return;
    setStart("starting");
    try {
      const jobs = await startBulks(
        environment,
        ordersOf(action, eligible, (post) => timeOf(post) ?? new Date(), reason.trim()),
      );
      if (isOpen.current) onStarted?.(jobs);
    } catch (error) {
      setStart(error instanceof Error ? error : new Error(messageOf(error)));
    }
  };

  const confirm = async () => {
    setAsked(posts);
    if (single === undefined && isBulk(action)) return startJobs();
    const jobs = jobsOf(environment, action, eligible, {
      timeOf: (post) => timeOf(post) ?? new Date(),
      confirmNotLive: isNotLive,
      reason: reason.trim(),
    });
    let answer: unknown;
    const noted = jobs.map((job) => ({
      ...job,
      call: async () => {
        answer = await job.call();
      },
    }));
    const ended = await run(noted, done);
    if (single === undefined || failedIn(ended).length > 0) return;
    const { undo } = jobs[0] ?? {};
    const back = () => void undo?.().catch((error: unknown) => toastError(messageOf(error)));
    toast(`The post is ${done}.`, undo && { label: "Undo", run: back });
    if (!isOpen.current) return;
    onClose([]);
    onDone?.(answer);
  };

  if (calls !== null && single === undefined) {
    const failed = failedIn(calls);
    return (
      <Results
        environment={environment}
        done={calls.done}
        total={calls.total}
        settled={calls.outcomes.length}
        failed={failed.length}
        outcomes={calls.outcomes.toSorted((one, other) => Number(one.error === null) - Number(other.error === null))}
        hasEnded={isOver(calls)}
        meanwhile="Keep this tab open until the run ends."
        hide="Hide, and continue in this tab"
        onClose={() => (isOver(calls) ? onClose(failed) : onClose())}
      />
    );
  }
  const error = start instanceof Error ? messageOf(start) : calls?.outcomes.find((one) => one.error !== null)?.error;
  const what = single ? "this post" : countOf(eligible);
  return (
    <Dialog
      isOpen
      isAlert={isDangerous}
      onClose={() => onClose()}
      title={
        eligible.length === 0 && !single
          ? `Nothing to do: ${label.toLowerCase()}`
          : `${commandOf(action, what)}${action === "move" ? "" : "?"}`
      }
      actions={
        <>
          <Button onPress={() => onClose()}>
            {action === "cancel" || isTakeDown ? `Keep ${single ? "it" : "them"}` : "Cancel"}
          </Button>
          <Button
            kind={isDangerous ? "danger" : "primary"}
            isDisabled={!isReady}
            isPending={start === "starting" || (calls !== null && !isOver(calls))}
            onPress={() => void confirm()}
          >
            {commandOf(action, what)}
          </Button>
        </>
      }
    >
      {error && <Notice tone="bad">{error}</Notice>}
      {effect !== "" && <p>{effect}</p>}
      {action === "move" && (
        <MoveFields
          first={eligible[0] ?? latest[0]}
          count={(eligible.length > 0 ? eligible : posts).length}
          move={move}
          onChange={setMove}
          zoneOf={zoneOf}
        />
      )}
      {isTakeDown && !ways.isPending && (
        <TakeDownFields {...{ environment, posts: eligible, wayOf: ways.wayOf, reason, onReason: setReason }} />
      )}
      {action === "republish" && single !== undefined && <RepeatWarning environment={environment} post={single} />}
      {asksWhetherLive && (
        <ConfirmNotLive environment={environment} post={single} isConfirmed={isNotLive} onChange={setNotLive} />
      )}
      <Skipped environment={environment} posts={posts} reasonOf={reasonOf} isAlone={single !== undefined} />
    </Dialog>
  );
}
