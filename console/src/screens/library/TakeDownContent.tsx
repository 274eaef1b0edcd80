import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment, FoundPost } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { countOf } from "../../posts/actions/actions";
import { Results } from "../../posts/actions/Results";
import { TakeDownFields } from "../../posts/actions/TakeDownFields";
import { canCall } from "../../posts/actions/takeDown";
import { useWays } from "../../posts/actions/useWays";
import { LIVE } from "../../posts/afterwards";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import "../../posts/actions/action-dialog.css";

const PAGE = 100;

interface TakeDownContentProps {
  readonly environment: Environment;
  readonly containerId: string;
  readonly onClose: () => void;
}

/** Takes all live posts of content down: says how many there are and which ones a person must delete, then what became of each. */
export default function TakeDownContent({ environment, containerId, onClose }: TakeDownContentProps) {
  const { publishing } = clientOf(environment);
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const found = useQuery({
    queryKey: [environment, "posts", "of", containerId, "live"],
    queryFn: async (): Promise<readonly FoundPost[]> => {
      const posts: FoundPost[] = [];
      const filter = { containerId, status: ["published"], liveStatus: LIVE, limit: PAGE } as const;
      for await (const post of publishing.searchPosts(filter)) posts.push(post);
      return posts;
    },
  });
  const queued = useQuery({
    queryKey: [environment, "posts", "of", containerId, "coming"],
    queryFn: () => publishing.countPosts({ containerId, status: ["queued", "publishing"] }),
  });
  const posts = found.data ?? [];
  const ways = useWays(environment, posts, found.data !== undefined);
  const takeDown = useMutation({
    mutationFn: async () => {
      const known = new Map(posts.map((post) => [post.id, post]));
      const { items } = await publishing.takeDownContent({
        containerId,
        ...(reason.trim() !== "" && { reason: reason.trim() }),
      });
      // Of those that were never live, nothing was asked.
      return items
        .filter(({ postId, error }) => error === null || known.has(postId))
        .map(({ postId, error }) => ({ postId, post: known.get(postId), error: error?.message ?? null }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "posts"] }),
  });
  if (takeDown.data !== undefined) {
    const failed = takeDown.data.filter(({ error }) => error !== null).length;
    return (
      <Results
        environment={environment}
        done="being taken down"
        total={takeDown.data.length}
        settled={takeDown.data.length}
        failed={failed}
        outcomes={takeDown.data}
        hasEnded
        isTakeDown
        meanwhile=""
        hide=""
        onClose={onClose}
      />
    );
  }
  const [first] = posts;
  const isAlone = posts.length === 1;
  const coming = queued.data?.total ?? 0;
  const command = isAlone ? "Take the post down" : `Take ${countOf(posts)} down`;
  return (
    <Dialog
      isOpen
      isAlert
      onClose={onClose}
      title="Take it down everywhere?"
      actions={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button
            kind="danger"
            isDisabled={first === undefined || ways.isPending || (isAlone && !canCall(ways.wayOf(first)))}
            isPending={takeDown.isPending || found.isPending}
            onPress={() => takeDown.mutate()}
          >
            {command}
          </Button>
        </>
      }
    >
      <ErrorNotice error={takeDown.error ?? found.error} />
      {found.data?.length === 0 && <p>No post of this content is live.</p>}
      {!ways.isPending && (
        <TakeDownFields {...{ environment, posts, wayOf: ways.wayOf, reason, onReason: setReason }} />
      )}
      {coming > 0 && (
        <Notice tone="warn">
          {countOf({ length: coming })} of this content {coming === 1 ? "is" : "are"} still to go out, and will. Cancel
          {coming === 1 ? " it" : " them"} in the queue.
        </Notice>
      )}
    </Dialog>
  );
}
