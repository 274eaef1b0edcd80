import { ExternalLink } from "lucide-react";
import type { ScheduledPost } from "presswork-client";
import { ACTIONS, refusalOf } from "../../posts/actions/actions";
import { ACTION_IDS, type ActionId } from "../../posts/actions/ids";
import { livePageOf } from "../../posts/livePage";
import { Button } from "../../ui/Button";

interface PostActionsProps {
  readonly post: ScheduledPost;
  readonly canChange: boolean;
  readonly onAct: (action: ActionId) => void;
}

/** What can be done with a post now. */
export function PostActions({ post, canChange, onAct }: PostActionsProps) {
  const possible = canChange ? ACTION_IDS.filter((id) => refusalOf(id, post) === null) : [];
  const page = livePageOf(post);
  return (
    <>
      {page !== null && (
        <a className="button plain" href={page.url} target="_blank" rel="noreferrer">
          <ExternalLink aria-hidden /> {page.label}
        </a>
      )}
      {possible.map((id) => {
        const { label, icon: Icon, isDangerous } = ACTIONS[id];
        return (
          <Button key={id} kind={isDangerous ? "danger" : "plain"} onPress={() => onAct(id)}>
            <Icon aria-hidden /> {label}
          </Button>
        );
      })}
    </>
  );
}
