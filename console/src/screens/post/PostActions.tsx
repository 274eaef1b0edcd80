import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarPlus, ClipboardCheck, ExternalLink, Pencil, Repeat } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { ACTIONS, refusalOf } from "../../posts/actions/actions";
import { type ActionId, TO_QUEUE } from "../../posts/actions/ids";
import { cureOf } from "../../posts/failureSentence";
import { livePageOf } from "../../posts/livePage";
import { queuesQuery } from "../../queues/queries";
import { Button } from "../../ui/Button";

const IN_ORDER: readonly ActionId[] = ["move", "publish", "cancel", "republish", "takeDown"];

/** What a person may do. */
export interface Rights {
  readonly mayPublish: boolean;
  readonly mayEdit: boolean;
  readonly mayApprove: boolean;
}

interface PostActionsProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly rights: Rights;
  readonly onAct: (action: ActionId | typeof TO_QUEUE) => void;
  /** Whether it is live on a network that lets programs change it. */
  readonly canEditLive: boolean;
  readonly onEdit: (what: "post" | "live" | true) => void;
  /** Makes it go out again and again; null: the person may not, or it is one of a series. */
  readonly onRepeat: (() => void) | null;
}

/** What can be done with a post now; first what a person most likely wants. */
export function PostActions({ environment, post, rights, canEditLive, onAct, onEdit, onRepeat }: PostActionsProps) {
  const possible = rights.mayPublish ? IN_ORDER.filter((id) => refusalOf(id, post) === null) : [];
  const canMove = rights.mayPublish && refusalOf("move", post) === null;
  const queues = useQuery({ ...queuesQuery(environment, post.projectId), enabled: canMove });
  const page = livePageOf(post);
  const cure = rights.mayPublish && rights.mayEdit ? cureOf(post) : null;
  const isMain = (id: ActionId) => id === "republish" && cure === null && post.status === "failed";
  return (
    <div className="post-actions">
      {page !== null && (
        <a className="button plain" href={page.url} target="_blank" rel="noreferrer">
          <ExternalLink aria-hidden /> {page.label}
        </a>
      )}
      {post.gateStatus !== null && rights.mayApprove && (
        <Link
          className="button primary"
          to="/$environment/approvals"
          params={{ environment }}
          search={{ content: post.containerId }}
        >
          <ClipboardCheck aria-hidden /> Review
        </Link>
      )}
      {cure === "texts" && (
        <Button kind="primary" onPress={() => onEdit(true)}>
          <Pencil aria-hidden /> Edit and publish again
        </Button>
      )}
      {cure === "post" && (
        <Link
          className="button primary"
          to="/$environment/compose"
          params={{ environment }}
          search={{ content: post.containerId }}
        >
          <Pencil aria-hidden /> Edit and publish again
        </Link>
      )}
      {post.status === "queued" && (rights.mayPublish || rights.mayEdit) && (
        <Button onPress={() => onEdit(rights.mayPublish ? "post" : true)}>
          <Pencil aria-hidden /> Edit
        </Button>
      )}
      {canEditLive && (
        <Button onPress={() => onEdit("live")}>
          <Pencil aria-hidden /> Edit the live post
        </Button>
      )}
      {possible.map((id) => {
        const { label, icon: Icon, isDangerous } = ACTIONS[id];
        return (
          <Button key={id} kind={isDangerous ? "danger" : isMain(id) ? "primary" : "plain"} onPress={() => onAct(id)}>
            <Icon aria-hidden /> {label}
          </Button>
        );
      })}
      {canMove && queues.data?.some(({ slots }) => slots.length > 0) && (
        <Button kind="quiet" onPress={() => onAct(TO_QUEUE)}>
          <CalendarPlus aria-hidden /> Move to a queue
        </Button>
      )}
      {onRepeat !== null && post.recurrenceId === null && post.status !== "canceled" && (
        <Button kind="quiet" onPress={onRepeat}>
          <Repeat aria-hidden /> Repeat…
        </Button>
      )}
    </div>
  );
}
