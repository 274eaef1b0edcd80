import { Link } from "@tanstack/react-router";
import { ClipboardCheck, Link as LinkIcon, Pencil, Repeat2, Send } from "lucide-react";
import type { Content, Environment } from "presswork-client";
import type { SignedIn } from "../../api/session";
import { Button } from "../../ui/Button";

interface ContentActionsProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly content: Content;
  readonly onEdit: () => void;
  readonly onLink: () => void;
  readonly onShare: () => void;
}

/** What can be done with content: review it, let others review it, edit its texts, publish it again, or let a creator post it. */
export function ContentActions({ environment, session, content, onEdit, onLink, onShare }: ContentActionsProps) {
  const may = (scope: string) => session.scopes.includes(scope);
  const isReady = content.status === "completed";
  const isUsable = isReady && content.approvalStatus !== "rejected";
  return (
    <>
      {isReady && content.approvalStatus === "pending" && (
        <Link
          className="button plain"
          to="/$environment/approvals"
          params={{ environment }}
          search={{ content: content.id }}
        >
          <ClipboardCheck aria-hidden /> Review
        </Link>
      )}
      {may("content:write") && isUsable && (
        <Button onPress={onEdit}>
          <Pencil aria-hidden /> Edit
        </Button>
      )}
      {may("content:approve") && isUsable && (
        <Button onPress={onShare}>
          <Send aria-hidden /> Share for review
        </Button>
      )}
      {may("publish:write") && isUsable && content.media.length > 0 && (
        <Button onPress={onLink}>
          <LinkIcon aria-hidden /> TikTok posting link
        </Button>
      )}
      {may("publish:write") && isUsable && (
        <Link
          className="button primary"
          to="/$environment/compose"
          params={{ environment }}
          search={{ content: content.id }}
        >
          <Repeat2 aria-hidden /> Use again
        </Link>
      )}
    </>
  );
}
