import { useQuery } from "@tanstack/react-query";
import type { CommentAnchorRequestParam, ContentComment, Environment } from "presswork-client";
import { useMemo, useState } from "react";
import type { Marks } from "../content/MarksContext";
import { marksOf } from "./anchors";
import { discussionQuery } from "./queries";

/** What was said about content, with the marks in its media. */
export interface Talk {
  readonly comments: readonly ContentComment[] | undefined;
  readonly error: Error | null;
  readonly marks: Marks;
}

/** Reads what was said about content, and keeps which mark is open or being set. */
export function useDiscussion(environment: Environment, containerId: string): Talk {
  const { data, error } = useQuery(discussionQuery(environment, containerId));
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
  return { comments: data, error, marks };
}
