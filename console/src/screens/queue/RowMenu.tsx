import { useNavigate } from "@tanstack/react-router";
import { ExternalLink, FileText, MoreHorizontal } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { ACTIONS, refusalOf } from "../../posts/actions/actions";
import { ACTION_IDS } from "../../posts/actions/ids";
import { livePageOf } from "../../posts/livePage";
import { Button } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import type { QueueSearch } from "./search";

interface RowMenuProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly name: string;
  readonly canChange: boolean;
  readonly onAct: (change: Pick<QueueSearch, "act" | "on">) => void;
}

/** What can be done with one post. */
export function RowMenu({ environment, post, name, canChange, onAct }: RowMenuProps) {
  const navigate = useNavigate();
  const open = () => void navigate({ to: "/$environment/posts/$postId", params: { environment, postId: post.id } });
  const possible = canChange ? ACTION_IDS.filter((id) => refusalOf(id, post) === null) : [];
  const page = livePageOf(post);
  return (
    <Menu
      label={`Actions for ${name}`}
      trigger={
        <Button kind="quiet" isIcon aria-label={`Actions for ${name}`}>
          <MoreHorizontal aria-hidden />
        </Button>
      }
    >
      <MenuItem onAction={open}>
        <FileText aria-hidden /> Open
      </MenuItem>
      {page !== null && (
        <MenuItem href={page.url} target="_blank" rel="noreferrer">
          <ExternalLink aria-hidden /> {page.label}
        </MenuItem>
      )}
      {possible.map((id) => {
        const { label, icon: Icon, isDangerous } = ACTIONS[id];
        return (
          <MenuItem key={id} isDangerous={isDangerous} onAction={() => onAct({ act: id, on: post.id })}>
            <Icon aria-hidden /> {label}
          </MenuItem>
        );
      })}
    </Menu>
  );
}
