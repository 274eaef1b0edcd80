import { useQuery } from "@tanstack/react-query";
import type { CommentAnchorRequestParam, ContentComment, Environment } from "presswork-client";
import { useEffect, useMemo, useState } from "react";
import type { Marks } from "../content/MarksContext";
import { useLater } from "../ui/useLater";
import { marksOf } from "./numberedMarks";
import { discussionQuery } from "./queries";

/** What was said about content, with the marks in its media. */
export interface Talk {
  readonly comments: readonly ContentComment[] | undefined;
  readonly error: Error | null;
  /** null until the discussion may be shown. */
  readonly marks: Marks | null;
}

/** Whether a discussion was shown before: then its code is there, and the next one need not wait. */
let wasShown = false;

/** Reads what was said about content, after all that a decision needs, and keeps which mark is open or being set. */
export function useDiscussion(environment: Environment, containerId: string): Talk {
  const isLater = useLater();
  const isShown = isLater || wasShown;
  useEffect(() => {
    if (isLater) wasShown = true;
  }, [isLater]);
  const { data, error } = useQuery({ ...discussionQuery(environment, containerId), enabled: isShown });
  const [opened, setOpened] = useState<Marks["opened"]>(null);
  const [isMarking, setMarking] = useState(false);
  const [pending, setPending] = useState<CommentAnchorRequestParam | null>(null);
  const marks = useMemo(
    (): Marks => ({
      marks: marksOf(data ?? []),
      opened,
      isMarking,
      pending,
      setMarking,
      setPending: (anchor) => {
        setMarking(false);
        setPending(anchor);
      },
      open: (mark) => setOpened(mark && { mark }),
    }),
    [data, opened, isMarking, pending],
  );
  return { comments: data, error, marks: isShown ? marks : null };
}
