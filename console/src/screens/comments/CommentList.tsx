import type { Comment, Environment } from "presswork-client";
import { useEffect, useRef } from "react";
import type { Rows } from "../../api/usePages";
import { Button } from "../../ui/Button";
import { useSeen } from "../../ui/useSeen";
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
      {list.hasMore && <ListEnd key={list.rows.length} list={list} />}
    </section>
  );
}

/** Reads the next rows when a person comes near the end, or when it is pressed. After an error, only then. */
function ListEnd({ list }: { readonly list: Rows<Comment> }) {
  const [place, isSeen] = useSeen<HTMLDivElement>();
  const latest = useRef(list);
  useEffect(() => {
    latest.current = list;
  });
  useEffect(() => {
    if (isSeen && latest.current.error === null && !latest.current.isFetchingMore) latest.current.fetchMore();
  }, [isSeen]);
  return (
    <div className="comment-list-end" ref={place}>
      <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
        Show more
      </Button>
    </div>
  );
}
