import type { Content, Environment, FileUpload, UploadTarget } from "presswork-client";
import { type Dispatch, useCallback, useEffect, useRef, useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { isAccepted } from "./acceptFiles";
import type { Action, Draft } from "./draft";
import { groupingProblem } from "./findings";
import { CANCELED, putFile, receivedBytes } from "./putFile";
import type { Files } from "./useFiles";

/** How the upload of one file stands. An interrupted one continues when the file is chosen again. */
export interface UploadState {
  readonly status: "waiting" | "sending" | "sent" | "failed" | "interrupted";
  readonly sentBytes: number;
  readonly error: string | null;
}

export interface Uploads {
  readonly states: ReadonlyMap<string, UploadState>;
  /** Whether a reload has lost files before they were sent. */
  readonly isInterrupted: boolean;
  /** Why no upload could begin at all. */
  readonly error: string | null;
  readonly isComplete: boolean;
  readonly retry: (id: string) => void;
  readonly cancel: (id: string) => void;
  readonly restart: () => void;
}

const SETTLE_MS = 300;
const AT_ONCE = 3;
const WAITING: UploadState = { status: "waiting", sentBytes: 0, error: null };

/** The uploads of one container, as far as this page has begun them. */
interface Session {
  readonly containerId: string;
  readonly targets: Map<string, UploadTarget | FileUpload>;
  readonly aborting: Map<string, AbortController>;
}

/**
 * Sends the files of a draft as soon as they are chosen. Each has its own upload: one that fails is sent again alone. After a
 * reload, a file that is chosen again continues: of a large one, only the parts that are missing are sent.
 */
export function useUploads(
  environment: Environment,
  draft: Draft,
  content: Content | undefined,
  files: Files,
  dispatch: Dispatch<Action>,
): Uploads {
  const [states, setStates] = useState<ReadonlyMap<string, UploadState>>(new Map());
  const [error, setError] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const session = useRef<Session | null>(null);
  const waiting = useRef<string[]>([]); // the files whose turn is still to come
  const { local } = files;
  const held = useRef(local);
  held.current = local;

  const set = useCallback((id: string, state: UploadState) => {
    setStates((before) => new Map(before).set(id, state));
  }, []);

  const send = useCallback(
    async (id: string, file: File) => {
      const target = session.current?.targets.get(id);
      if (target === undefined) return;
      const aborting = new AbortController();
      session.current?.aborting.set(id, aborting);
      let received = "isComplete" in target ? receivedBytes(target) : 0;
      set(id, { status: "sending", sentBytes: received, error: null });
      try {
        const onProgress = (sentBytes: number) => {
          received = sentBytes;
          set(id, { status: "sending", sentBytes, error: null });
        };
        await putFile(target, file, { onProgress, signal: aborting.signal });
        set(id, { status: "sent", sentBytes: file.size, error: null });
        dispatch({ type: "file", id, change: { isSent: true } });
      } catch (failure) {
        if (session.current?.aborting.get(id) === aborting) {
          set(id, { status: "failed", sentBytes: received, error: messageOf(failure) });
        }
      }
    },
    [set, dispatch],
  );

  /** Sends files of the session, a few at once. */
  const sendAll = useCallback(
    async (mine: Session, ids: readonly string[]) => {
      const queue = waiting.current;
      queue.push(...ids);
      const worker = async () => {
        for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
          const file = held.current.get(id)?.file;
          if (file !== undefined && session.current === mine) await send(id, file);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    },
    [send],
  );

  const stop = useCallback(() => {
    const { aborting } = session.current ?? {};
    session.current = null;
    for (const one of aborting?.values() ?? []) one.abort();
  }, []);
  useEffect(() => stop, [stop]);

  const { projectId, containerId } = draft;
  const ids = draft.files.map(({ id }) => id).join(" ");
  const isUsable = draft.files.length > 0 && groupingProblem(draft) === null;
  const isHere = draft.files.every(({ id }) => local.has(id));
  // biome-ignore lint/correctness/useExhaustiveDependencies: an upload begins for other files, not for another text
  useEffect(() => {
    if (containerId !== null) return;
    stop();
    setError(null);
    setStates(new Map(draft.files.filter(({ id }) => local.has(id)).map(({ id }) => [id, WAITING])));
    waiting.current = draft.files.map(({ id }) => id);
    if (projectId === null || !isUsable || !isHere) return;
    const opening = new AbortController();
    const open = async () => {
      const chosen = draft.files.flatMap(({ id }) => local.get(id) ?? []);
      const { items } = await clientOf(environment).content.openUploads(
        {
          projectId,
          grouping: chosen.length === 1 ? "per-file" : "slideshow",
          files: chosen.flatMap(({ file }) =>
            isAccepted(file.type) ? [{ filename: file.name, contentType: file.type, sizeBytes: file.size }] : [],
          ),
        },
        { signal: opening.signal },
      );
      const [expected] = items;
      if (expected === undefined) return;
      const mine = newSession(expected.containerId, draft, expected.files);
      session.current = mine;
      dispatch({ type: "opened", containerId: expected.containerId });
      await sendAll(mine, []);
    };
    const timer = setTimeout(() => {
      open().catch((failure: unknown) => {
        if (!opening.signal.aborted) setError(messageOf(failure));
      });
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      opening.abort();
    };
  }, [environment, projectId, containerId === null, ids, isUsable, isHere, attempt]);

  const restart = () => {
    dispatch({ type: "opened", containerId: null });
    setAttempt((before) => before + 1);
  };
  /** Asks what the server has of the files, and sends what is missing of those that are here. */
  const resume = async (mine: Session, chosen: readonly string[]) => {
    const { items } = await clientOf(environment).content.getUploads({ containerId: mine.containerId });
    if (session.current !== mine) return;
    if (items.length === 0) return restart(); // too late: the container was canceled
    const missing: string[] = [];
    for (const [position, { id, isSent }] of draft.files.entries()) {
      const target = items[position];
      if (target === undefined || isSent || mine.aborting.has(id)) continue;
      if (target.isComplete) dispatch({ type: "file", id, change: { isSent: true } });
      else if (chosen.includes(id) || held.current.has(id)) missing.push(id);
      else set(id, { status: "interrupted", sentBytes: receivedBytes(target), error: null });
      mine.targets.set(id, target);
    }
    await sendAll(mine, missing);
  };
  const resumeOrFail = (mine: Session, chosen: readonly string[]) => {
    resume(mine, chosen).catch((failure: unknown) => {
      if (session.current !== mine) return;
      if (chosen.length === 0) setError(messageOf(failure));
      for (const id of chosen) set(id, { status: "failed", sentBytes: 0, error: messageOf(failure) });
    });
  };

  const isOpen = draft.isOwn && content?.status === "queued" && draft.files.some(({ isSent }) => !isSent);
  const chosenIds = draft.files.filter(({ id, isSent }) => !isSent && local.has(id)).map(({ id }) => id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an upload continues when a file is chosen again
  useEffect(() => {
    if (containerId === null || !isOpen) return;
    const known = session.current?.containerId === containerId ? session.current : null;
    const mine = known ?? newSession(containerId, draft, []);
    if (known === null) waiting.current = [];
    session.current = mine;
    const left = chosenIds.filter((id) => states.get(id)?.status === "interrupted" || known === null);
    for (const id of left) set(id, WAITING);
    if (known === null || left.length > 0) resumeOrFail(mine, left);
  }, [environment, containerId, isOpen, chosenIds.join(" ")]);

  const retry = (id: string) => {
    const file = local.get(id)?.file;
    const mine = session.current;
    const target = mine?.targets.get(id);
    if (file === undefined) return;
    if (mine === null || target === undefined) return restart();
    if (target.multipart == null && Date.parse(target.expiresAt) > Date.now()) return void send(id, file);
    mine.aborting.delete(id);
    resumeOrFail(mine, [id]);
  };
  const cancel = (id: string) => {
    const position = waiting.current.indexOf(id);
    if (position < 0) session.current?.aborting.get(id)?.abort();
    else {
      waiting.current.splice(position, 1);
      set(id, { status: "failed", sentBytes: 0, error: CANCELED });
    }
  };
  const isComplete =
    content?.status === "completed" || (draft.files.length > 0 && draft.files.every(({ isSent }) => isSent));
  const isInterrupted =
    content?.status !== "completed" && draft.files.some(({ id, isSent }) => !isSent && !local.has(id));
  return {
    states,
    error,
    isComplete,
    isInterrupted,
    retry,
    cancel,
    restart,
  };
}

function newSession(containerId: string, draft: Draft, targets: readonly UploadTarget[]): Session {
  const byId = targets.flatMap((target, position) => {
    const file = draft.files[position];
    return file === undefined ? [] : [[file.id, target] as const];
  });
  return { containerId, targets: new Map(byId), aborting: new Map() };
}
