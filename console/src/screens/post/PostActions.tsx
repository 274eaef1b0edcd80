import { ExternalLink } from "lucide-react";
import type { ScheduledPost } from "presswork-client";
import { platformName } from "../../platforms/platforms";
import { ACTIONS, refusalOf } from "../../posts/actions/actions";
import { ACTION_IDS, type ActionId } from "../../posts/actions/ids";
import { Button } from "../../ui/Button";

interface PostActionsProps {
  readonly post: ScheduledPost;
  readonly canChange: boolean;
  readonly onAct: (action: ActionId) => void;
}

/** What can be done with a post now. */
export function PostActions({ post, canChange, onAct }: PostActionsProps) {
  const possible = canChange ? ACTION_IDS.filter((id) => refusalOf(id, post) === null) : [];
  return (
    <>
      {post.externalUrl !== null && (
        <a className="button plain" href={post.externalUrl} target="_blank" rel="noreferrer">
          <ExternalLink aria-hidden /> Open on {platformName(post.platform)}
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
