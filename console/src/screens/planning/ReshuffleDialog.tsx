import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment, Queue } from "presswork-client";
import { clientOf } from "../../api/client";
import { countOf } from "../../posts/actions/actions";
import { captionLine } from "../../posts/captionLine";
import { contentQuery, postQuery } from "../../posts/queries";
import { queuesKey } from "../../queues/queries";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Loaded } from "../../ui/Loaded";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { SkeletonRows } from "../../ui/Skeleton";
import { dayTime } from "../../ui/times";
import { toast } from "../../ui/toasts";
import { useNow } from "../../ui/useNow";

const MAX_SHOWN = 20;

interface ReshuffleDialogProps {
  readonly environment: Environment;
  readonly queue: Queue;
  readonly onClose: () => void;
}

/** Shows which posts would move forward into free times, in their order, then moves them. */
export default function ReshuffleDialog({ environment, queue, onClose }: ReshuffleDialogProps) {
  const queries = useQueryClient();
  const preview = useQuery({
    queryKey: [...queuesKey(environment), "reshuffle", queue.id],
    queryFn: () => clientOf(environment).queues.reshuffle({ queueId: queue.id, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
  });
  const run = useMutation({
    mutationFn: () => clientOf(environment).queues.reshuffle({ queueId: queue.id }),
    onSuccess: ({ items }) => {
      toast(`${countOf(items)} moved.`);
      onClose();
      for (const part of ["queues", "posts", "calendar"]) {
        void queries.invalidateQueries({ queryKey: [environment, part] });
      }
    },
  });
  const items = preview.data?.items ?? [];
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title={`Close the gaps of ${queue.name}`}
      actions={
        <>
          <Button onPress={onClose}>{items.length === 0 ? "Close" : "Cancel"}</Button>
          {items.length > 0 && (
            <Button kind="primary" isPending={run.isPending} onPress={() => run.mutate()}>
              Move {countOf(items)}
            </Button>
          )}
        </>
      }
    >
      <ErrorNotice error={run.error} />
      <Loaded query={preview} skeleton={<SkeletonRows rows={3} />}>
        {() =>
          items.length === 0 ? (
            <p>There is no gap: each post has the first time that it can have.</p>
          ) : (
            <>
              <p>Posts keep their order, and move forward to the first times that are free.</p>
              <ul className="planning-list" aria-label="What moves">
                {items.slice(0, MAX_SHOWN).map(({ scheduledPostId, before, after }) => (
                  <MoveRow
                    key={scheduledPostId}
                    {...{ environment, scheduledPostId, before, after, zone: queue.timezone }}
                  />
                ))}
              </ul>
              {items.length > MAX_SHOWN && <p className="soft small">And {items.length - MAX_SHOWN} more.</p>}
            </>
          )
        }
      </Loaded>
    </Dialog>
  );
}

interface MoveRowProps {
  readonly environment: Environment;
  readonly scheduledPostId: string;
  readonly before: string;
  readonly after: string;
  readonly zone: string;
}

function MoveRow({ environment, scheduledPostId, before, after, zone }: MoveRowProps) {
  const now = useNow();
  const post = useQuery(postQuery(environment, scheduledPostId)).data;
  const content = useQuery({
    ...contentQuery(environment, post?.containerId ?? ""),
    enabled: post !== undefined,
  }).data;
  return (
    <li className="planning-row">
      <span className="planning-text cut">
        {post !== undefined && <PlatformIcon platform={post.platform} />}{" "}
        {captionLine(post?.captionOverride ?? content?.caption ?? "") || "Without a text"}
      </span>
      <span className="small">
        <span className="soft">{dayTime(new Date(before), now, zone)}</span> → {dayTime(new Date(after), now, zone)}
      </span>
    </li>
  );
}
