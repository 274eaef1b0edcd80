import type { FoundPost } from "presswork-client";
import { lazy } from "react";
import { RowMenu as Actions } from "../../ui/Menu";
import type { RowContext } from "./PostRow";

const RowMenuItems = lazy(() => import("./RowMenuItems"));

interface RowMenuProps {
  readonly context: RowContext;
  readonly posts: readonly FoundPost[];
  readonly name: string;
  /** One post of a row that has several. */
  readonly isOneOfSeveral?: boolean;
}

/** What can be done with a row; of several posts, how many of them that concerns. */
export function RowMenu({ context, posts, name, isOneOfSeveral = false }: RowMenuProps) {
  return (
    <Actions label={`Actions for ${name}`}>
      <RowMenuItems context={context} posts={posts} isOneOfSeveral={isOneOfSeveral} />
    </Actions>
  );
}
