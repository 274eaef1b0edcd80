import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Screen } from "../../app/Screen";
import { Media } from "../../posts/Media";
import { contentQuery, postQuery } from "../../posts/queries";
import { StatusBadge } from "../../posts/StatusBadge";
import { Skeleton } from "../../ui/Skeleton";
import { Failure } from "./Failure";
import { PostActions } from "./PostActions";
import { PostFacts } from "./PostFacts";
import { PostTexts } from "./PostTexts";
import { Timeline } from "./Timeline";
import "./post.css";

const route = getRouteApi("/$environment/posts/$postId");

/** One post: what it is, what became of it, and why. */
export default function Post() {
  const { environment, postId } = route.useParams();
  const { data: post } = useSuspenseQuery(postQuery(environment, postId));
  const content = useQuery(contentQuery(environment, post.containerId));
  return (
    <Screen
      title="Post"
      aside={<StatusBadge post={post} />}
      actions={<PostActions environment={environment} post={post} />}
    >
      <div className="post">
        <div className="post-main">
          {post.lastError !== null && <Failure post={post} error={post.lastError} />}
          <section className="panel post-part" aria-labelledby="post-timeline">
            <h2 id="post-timeline">Timeline</h2>
            <Timeline environment={environment} postId={post.id} />
          </section>
        </div>
        <div className="post-side">
          <section className="panel post-part" aria-label="Content">
            {content.data === undefined ? <Skeleton height="240px" /> : <Media items={content.data.media} />}
            <PostTexts post={post} content={content.data} />
          </section>
          <section className="panel post-part" aria-labelledby="post-facts">
            <h2 id="post-facts">Target</h2>
            <PostFacts environment={environment} post={post} />
          </section>
        </div>
      </div>
    </Screen>
  );
}
