import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { postQuery, timelineQuery } from "../../posts/queries";
import { lookOf } from "../../posts/StatusBadge";
import { Notice } from "../../ui/Notice";
import { relativesOf } from "./lookUpOf";

interface RelativesNoticeProps {
  readonly environment: Environment;
  readonly postId: string;
}

/** Links a post that was published again with the one before and after it. */
export function RelativesNotice({ environment, postId }: RelativesNoticeProps) {
  const timeline = useQuery(timelineQuery(environment, postId));
  const { formerId, laterId } = relativesOf(timeline.data?.items ?? []);
  return (
    <>
      {laterId !== undefined && (
        <Notice>
          This post was published again as{" "}
          <Relative environment={environment} postId={laterId}>
            a later post
          </Relative>
          .
        </Notice>
      )}
      {formerId !== undefined && (
        <Notice>
          This post repeats{" "}
          <Relative environment={environment} postId={formerId}>
            a former post
          </Relative>
          .
        </Notice>
      )}
    </>
  );
}

interface RelativeProps {
  readonly environment: Environment;
  readonly postId: string;
  readonly children: string;
}

function Relative({ environment, postId, children }: RelativeProps) {
  const post = useQuery(postQuery(environment, postId));
  return (
    <>
      <Link to="/$environment/posts/$postId" params={{ environment, postId }}>
        {children}
      </Link>
      {post.data && ` (${lookOf(post.data).label.toLowerCase()})`}
    </>
  );
}
