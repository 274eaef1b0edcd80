import type { Environment } from "presswork-client";
import { useEffect, useRef } from "react";
import type { Rows } from "../../api/usePages";
import type { Comment } from "../../comments/types";
import { ShowMore } from "../../ui/ShowMore";
import { CommentRow, type NameOf } from "./CommentRow";

interface CommentListProps {
  readonly environment: Environment;
  readonly label: string;
  readonly list: Rows<Comment>;
  readonly openId: string | undefined;
  readonly nameOf: NameOf;
}

/** The comments of a view, the newest first. */
export function CommentList({ environment, label, list, openId, nameOf }: CommentListProps) {
  const formerId = useRef<string | undefined>(undefined);
  useEffect(() => {
    formerId.current = openId; // after the rows' own effects
  }, [openId]);
  return (
    <section className="panel comment-list" aria-label={label}>
      <ul>
        {list.rows.map((comment) => (
          <CommentRow
            key={comment.id}
            environment={environment}
            comment={comment}
            nameOf={nameOf}
            isOpen={comment.id === openId}
            formerId={formerId}
          />
        ))}
      </ul>
      {list.hasMore && (
        <ShowMore isPending={list.isFetchingMore} hasFailed={list.error !== null} onMore={list.fetchMore} />
      )}
    </section>
  );
}
