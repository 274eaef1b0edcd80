import type { Content, Environment, ScheduledPost, SocialAccount } from "presswork-client";
import { lazy, Suspense } from "react";
import { type ActionId, TO_QUEUE } from "../../posts/actions/ids";
import type { Rights } from "./PostActions";

const ActionDialog = lazy(() =>
  import("../../posts/actions/ActionDialog").then((found) => ({ default: found.ActionDialog })),
);
const EditDialog = lazy(() => import("../../content/EditDialog"));
const EditLiveDialog = lazy(() => import("./EditLiveDialog"));
const EditPostDialog = lazy(() => import("./EditPostDialog"));
const EndSeries = lazy(() => import("../../recurrences/EndSeries"));
const MoveToQueue = lazy(() => import("../../queues/MoveToQueue"));
const RepeatContent = lazy(() => import("../../recurrences/RepeatContent"));

/** What of the page is open, as its address says. */
export interface PostOpen {
  readonly act?: ActionId | typeof TO_QUEUE | undefined;
  /** `true` is about the content, for every account; "post" about this post, "live" about this post on its network. */
  readonly edit?: true | "post" | "live";
  /** The dialog that repeats it, or the question whether its series ends. */
  readonly series?: "repeat" | "end";
}

interface PostDialogsProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly content: Content | undefined;
  readonly account: SocialAccount | undefined;
  readonly zone: string;
  readonly search: PostOpen;
  readonly rights: Rights;
  readonly canEdit: boolean;
  readonly canEditLive: boolean;
  /** Whether it failed by its text, and is published again with another one. */
  readonly isRepeated: boolean;
  readonly open: (search: PostOpen) => void;
  /** Called with what the API answered about the repeated post. */
  readonly onRepeated: (answer: unknown) => void;
}

/** The dialog that the address of a post names. */
export function PostDialogs(props: PostDialogsProps) {
  const { environment, post, content, account, zone, search, rights, canEdit, canEditLive, open, onRepeated } = props;
  const { act, edit, series } = search;
  const close = () => open({});
  return (
    <Suspense>
      {act === TO_QUEUE && rights.mayPublish && post.status === "queued" && (
        <MoveToQueue environment={environment} posts={[post]} onClose={close} />
      )}
      {act !== undefined && act !== TO_QUEUE && rights.mayPublish && (
        <ActionDialog
          key={act}
          environment={environment}
          action={act}
          posts={[post]}
          onClose={close}
          onDone={onRepeated}
        />
      )}
      {edit === "live" && canEditLive && content !== undefined && account !== undefined && (
        <EditLiveDialog {...{ environment, post, content, account }} onClose={close} />
      )}
      {edit === "post" && rights.mayPublish && content !== undefined && account !== undefined && (
        <EditPostDialog
          {...{ environment, post, content, account }}
          onContent={canEdit ? () => open({ edit: true }) : undefined}
          onClose={close}
        />
      )}
      {edit === true && canEdit && content !== undefined && (
        <EditDialog
          {...{ environment, content, post }}
          isRepeated={props.isRepeated}
          onClose={close}
          onRepeated={onRepeated}
        />
      )}
      {series === "repeat" && rights.mayPublish && content !== undefined && (
        <RepeatContent {...{ environment, content, zone }} posts={[post]} onClose={close} />
      )}
      {series === "end" && rights.mayPublish && post.recurrenceId !== null && (
        <EndSeries {...{ environment, recurrenceId: post.recurrenceId }} onClose={close} />
      )}
    </Suspense>
  );
}
