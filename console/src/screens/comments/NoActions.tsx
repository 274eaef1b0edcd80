import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Comment, Environment } from "presswork-client";
import { platformName } from "../../platforms/platforms";
import { accountsQuery } from "../../posts/accounts";
import { isOffLine } from "../../posts/livePage";
import { postQuery } from "../../posts/queries";
import { Notice } from "../../ui/Notice";

interface NoActionsProps {
  readonly environment: Environment;
  readonly comment: Comment;
}

/** Why a comment can't be answered from here, and what to do. */
export function NoActions({ environment, comment }: NoActionsProps) {
  const { socialAccountId, platform, scheduledPostId } = comment;
  const accounts = useQuery(accountsQuery(environment)).data;
  const post = useQuery(postQuery(environment, scheduledPostId)).data;
  const readiness = accounts?.find((one) => one.socialAccountId === socialAccountId)?.readiness.comments;
  const network = platformName(platform);
  if (readiness === undefined || post === undefined) return null;
  if (isOffLine(post)) return <Notice>The post is not live any more, so its comments can't be answered.</Notice>;
  if (readiness.ready) return <Notice>{network} lets programs do nothing with this comment. Use its app.</Notice>;
  if (readiness.reason === "not_supported") {
    return <Notice>{network} has no way for programs to answer comments. Answer it in its app.</Notice>;
  }
  const isAllowed = readiness.reason !== "missing_permission";
  return (
    <Notice
      tone="warn"
      actions={
        <Link
          className="button plain"
          to="/$environment/accounts/$accountId"
          params={{ environment, accountId: socialAccountId }}
          search={{ open: "again" }}
        >
          Connect it again
        </Link>
      }
    >
      {isAllowed
        ? "Presswork has no access to the account any more. Connect it again to answer its comments."
        : `The owner has not allowed Presswork to answer comments. Connect the account again, and allow all that ${network} asks for.`}
    </Notice>
  );
}
