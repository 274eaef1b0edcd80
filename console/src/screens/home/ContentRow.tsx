import type { Environment, FoundPost } from "presswork-client";
import type { ReactNode } from "react";
import { accountName } from "../../platforms/platforms";
import { AccountMarks } from "../../posts/AccountMarks";
import { captionLine } from "../../posts/captionLine";
import type { Row as PostsRow } from "../../posts/groups";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Row } from "./Card";
import { pathOf } from "./pathOf";

interface ContentRowProps {
  readonly environment: Environment;
  readonly row: PostsRow;
  /** Those of its posts that it is about. */
  readonly posts: readonly FoundPost[];
  /** What is before the accounts. */
  readonly before?: ReactNode;
  /** What the row says about them. */
  readonly children?: ReactNode;
}

/** One piece of content at one time: it leads to its post, or to the content where there are several. */
export function ContentRow({ environment, row, posts, before, children }: ContentRowProps) {
  const [post, ...others] = posts;
  if (post === undefined) return null;
  const isAlone = others.length === 0;
  return (
    <Row
      hasThumbnail
      thumbnailUrl={row.thumbnailUrl}
      to={isAlone ? pathOf(environment, "posts", post.id) : pathOf(environment, "content", row.containerId)}
      title={captionLine(isAlone ? post.caption : row.caption)}
    >
      {before}
      {isAlone ? (
        <>
          <PlatformIcon platform={post.platform} /> {accountName(post.platform, post.account.handle)}
        </>
      ) : (
        <>
          <AccountMarks posts={posts} /> {posts.length} accounts
        </>
      )}
      {children}
    </Row>
  );
}
