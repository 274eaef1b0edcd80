import type { Content, ScheduledPost } from "presswork-client";

interface PostTextsProps {
  readonly post: ScheduledPost;
  readonly content: Content | undefined;
}

/** The caption and first comment as this account gets them. */
export function PostTexts({ post, content }: PostTextsProps) {
  const caption = post.captionOverride ?? content?.caption;
  const comment = post.firstCommentOverride ?? content?.firstComment;
  return (
    <div className="post-texts">
      {post.parts !== null && content?.parts ? null : caption === "" ? (
        <p className="soft">No caption</p>
      ) : (
        <p className="post-text">{caption}</p>
      )}
      {comment && (
        <>
          <h3>First comment</h3>
          <p className="post-text">{comment}</p>
        </>
      )}
    </div>
  );
}
