import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import type { Comment, Environment } from "presswork-client";
import { livePageOf } from "../../posts/livePage";
import { postQuery } from "../../posts/queries";
import { RowPicture } from "../../posts/RowPicture";
import { Time } from "../../ui/Time";

interface PostBesideProps {
  readonly environment: Environment;
  readonly comment: Comment;
  readonly zone: string;
}

/** The post that a comment is on: its picture, its text, and where to see it. */
export function PostBeside({ environment, comment, zone }: PostBesideProps) {
  const { id: postId, caption, thumbnailUrl, publishedAt } = comment.post;
  const post = useQuery(postQuery(environment, postId)).data; // the list does not know whether it is still live
  const page = post === undefined ? null : livePageOf(post);
  return (
    <aside className="post-beside" aria-label="The post">
      <RowPicture className="post-beside-picture" url={thumbnailUrl} />
      <div className="post-beside-facts">
        <p className="post-beside-text">{caption === "" ? <span className="soft">No text</span> : caption}</p>
        {publishedAt !== null && (
          <p className="soft small">
            Live since <Time at={publishedAt} zone={zone} isDay />
          </p>
        )}
        <p className="post-beside-links small">
          <Link to="/$environment/posts/$postId" params={{ environment, postId }}>
            Open the post
          </Link>
          {page !== null && (
            <a href={page.url} target="_blank" rel="noreferrer">
              <ExternalLink aria-hidden /> {page.label}
            </a>
          )}
        </p>
      </div>
    </aside>
  );
}
