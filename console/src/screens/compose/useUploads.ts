import type { Content, Environment, UploadTarget } from "presswork-client";
import { type Dispatch, useCallback, useEffect, useRef, useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { isAccepted } from "./acceptFiles";
import type { Action, Draft } from "./draft";
import { groupingProblem } from "./findings";
import { CANCELED, putFile } from "./putFile";
import type { Files } from "./useFiles";

/** How the upload of one file stands. */
export interface UploadState {
  readonly status: "waiting" | "sending" | "sent" | "failed";
  readonly sentBytes: number;
  readonly error: string | null;
}

export interface Uploads {
  readonly states: ReadonlyMap<string, UploadState>;
  /** Whether a reload has lost files before they were sent. */
  readonly isLost: boolean;
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

interface Session {
  readonly targets: ReadonlyMap<string, UploadTarget>;
  readonly aborting: Map<string, AbortController>;
}

/** Sends the files of a draft as soon as they are chosen. Each has its own upload: one that fails is sent again alone. */
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

  const set = useCallback((id: string, state: UploadState) => {
    setStates((before) => new Map(before).set(id, state));
  }, []);

  const send = useCallback(
    async (id: string, file: File) => {
      const target = session.current?.targets.get(id);
      if (target === undefined) return;
      const aborting = new AbortController();
      session.current?.aborting.set(id, aborting);
      set(id, { status: "sending", sentBytes: 0, error: null });
      try {
        const onProgress = (sentBytes: number) => set(id, { status: "sending", sentBytes, error: null });
        await putFile(target, file, { onProgress, signal: aborting.signal });
        set(id, { status: "sent", sentBytes: file.size, error: null });
        dispatch({ type: "file", id, change: { isSent: true } });
      } catch (failure) {
        if (session.current?.aborting.get(id) === aborting) {
          set(id, { status: "failed", sentBytes: 0, error: messageOf(failure) });
        }
      }
    },
    [set, dispatch],
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
    setStates(new Map(draft.files.map(({ id }) => [id, WAITING])));
    const queue = draft.files.map(({ id }) => id);
    waiting.current = queue;
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
      const targets = new Map(
        draft.files.flatMap(({ id }, position) => {
          const target = expected.files[position];
          return target === undefined ? [] : [[id, target] as const];
        }),
      );
      session.current = { targets, aborting: new Map() };
      dispatch({ type: "opened", containerId: expected.containerId });
      const worker = async () => {
        for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
          const file = local.get(id)?.file;
          if (file !== undefined && session.current?.targets === targets) await send(id, file);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
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

  const retry = (id: string) => {
    const file = local.get(id)?.file;
    const target = session.current?.targets.get(id);
    if (file === undefined) return;
    if (target === undefined || Date.parse(target.expiresAt) < Date.now()) restart();
    else void send(id, file);
  };
  const restart = () => {
    dispatch({ type: "opened", containerId: null });
    setAttempt((before) => before + 1);
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
  const isLost = content?.status !== "completed" && draft.files.some(({ id, isSent }) => !isSent && !local.has(id));
  return {
    states,
    error,
    isComplete,
    isLost,
    retry,
    cancel,
    restart,
  };
}
