import { type Dispatch, useCallback, useEffect, useRef, useState } from "react";
import { draftFileOf, isSame, measure, refusalOf } from "./acceptFiles";
import type { Action, Draft } from "./draft";

/** The bytes of a file, and an address for its picture. */
export interface LocalFile {
  readonly file: File;
  readonly url: string;
}

/** The files that this tab holds, by the id in the draft; a reload loses them, until they are chosen again. */
export interface Files {
  readonly local: ReadonlyMap<string, LocalFile>;
  /** Files of the last choice that can't be used, and why. */
  readonly refusals: readonly string[];
  readonly add: (files: readonly File[]) => void;
}

/** Takes files that a person chooses or drops. */
export function useFiles(draft: Draft, dispatch: Dispatch<Action>): Files {
  const [local, setLocal] = useState<ReadonlyMap<string, LocalFile>>(new Map());
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const held = useRef(local);
  held.current = local;

  useEffect(
    () => () => {
      for (const { url } of held.current.values()) URL.revokeObjectURL(url);
    },
    [],
  );

  // A removed file is released.
  useEffect(() => {
    const kept = new Set(draft.files.map(({ id }) => id));
    const gone = [...held.current].filter(([id]) => !kept.has(id));
    if (gone.length === 0) return;
    for (const [, { url }] of gone) URL.revokeObjectURL(url);
    setLocal((before) => new Map([...before].filter(([id]) => kept.has(id))));
  }, [draft.files]);

  const add = useCallback(
    (files: readonly File[]) => {
      setRefusals(files.flatMap((file) => refusalOf(file) ?? []));
      const usable = files.filter((file) => refusalOf(file) === null);
      if (usable.length === 0) return;
      const missing = draft.files.filter(({ id, isSent }) => !isSent && !held.current.has(id));
      const chosen = usable.map((file) => {
        const former = missing.find((one) => isSame(one, file));
        if (former !== undefined) missing.splice(missing.indexOf(former), 1);
        return { item: former ?? draftFileOf(file), isNew: former === undefined, file, url: URL.createObjectURL(file) };
      });
      setLocal(
        (before) => new Map([...before, ...chosen.map(({ item, file, url }) => [item.id, { file, url }] as const)]),
      );
      const added = chosen.filter(({ isNew }) => isNew);
      if (added.length > 0) dispatch({ type: "add files", files: added.map(({ item }) => item) });
      for (const { item, url } of added) {
        void measure(url, item.contentType).then((change) => dispatch({ type: "file", id: item.id, change }));
      }
    },
    [dispatch, draft.files],
  );
  return { local, refusals, add };
}
