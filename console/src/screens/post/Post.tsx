import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useZones } from "../../api/projects";
import { useLiveUpdates } from "../../api/useLiveUpdates";
import { Screen } from "../../app/Screen";
import { LinkCard } from "../../content/LinkCard";
import { ActionDialog } from "../../posts/actions/ActionDialog";
import { ACTIONS } from "../../posts/actions/actions";
import { ACTION_IDS, type ActionId } from "../../posts/actions/ids";
import { LiveBadge } from "../../posts/LiveBadge";
import { Media } from "../../posts/Media";
import { contentQuery, postQuery } from "../../posts/queries";
import { StatusBadge } from "../../posts/StatusBadge";
import { useRowFacts } from "../../posts/useRowFacts";
import { Skeleton } from "../../ui/Skeleton";
import { useShortcuts } from "../../ui/useShortcuts";
import { Failure } from "./Failure";
import { LookUpNotice } from "./LookUpNotice";
import { PostActions } from "./PostActions";
import { PostFacts } from "./PostFacts";
import { PostParts } from "./PostParts";
import { PostTexts } from "./PostTexts";
import { RelativesNotice } from "./RelativesNotice";
import { Timeline } from "./Timeline";
import { WaitingNotice } from "./WaitingNotice";
import "./post.css";

const route = getRouteApi("/$environment/posts/$postId");

/** One post: what it is, what became of it, and why. */
export default function Post() {
  const { environment, postId } = route.useParams();
  const { session } = route.useRouteContext();
  const { act } = route.useSearch();
  const navigate = route.useNavigate();
  const live = useLiveUpdates(environment);
  const { data: post } = useSuspenseQuery(postQuery(environment, postId));
  const content = useQuery(contentQuery(environment, post.containerId));
  const { caption } = useRowFacts(environment, post);
  const zone = useZones(environment)(post.projectId);
  const canChange = session.scopes.includes("publish:write");
  const start = (action: ActionId | undefined) =>
    void navigate({ search: { act: action }, replace: action === undefined, resetScroll: false });
  useShortcuts(canChange ? Object.fromEntries(ACTION_IDS.map((id) => [ACTIONS[id].key, () => start(id)])) : {});

  const isThread = post.parts !== null && content.data?.parts; // whose texts are in its own panel
  const comment = post.firstCommentOverride ?? content.data?.firstComment;
  const hasContent = !isThread || Boolean(comment) || (content.data?.media.length ?? 0) > 0;

  const openRepeated = (answer: unknown) => {
    if (typeof answer !== "object" || answer === null || !("scheduledPostId" in answer)) return;
    void navigate({
      to: "/$environment/posts/$postId",
      params: { environment, postId: String(answer.scheduledPostId) },
    });
  };
  return (
    <Screen
      title="Post"
      subject={caption}
      aside={
        <>
          <StatusBadge post={post} /> <LiveBadge state={live} />
        </>
      }
      actions={<PostActions post={post} canChange={canChange} onAct={start} />}
    >
      <div className="post">
        <div className="post-main">
          <RelativesNotice environment={environment} postId={post.id} />
          <WaitingNotice environment={environment} post={post} zone={zone} />
          <LookUpNotice environment={environment} post={post} zone={zone} />
          {post.lastError !== null && <Failure post={post} error={post.lastError} zone={zone} />}
          {post.parts !== null && (
            <section className="panel post-part" aria-labelledby="post-parts">
              <h2 id="post-parts">Thread</h2>
              <PostParts environment={environment} post={post} content={content.data} />
            </section>
          )}
          <section className="panel post-part" aria-labelledby="post-timeline">
            <h2 id="post-timeline">Timeline</h2>
            <Timeline environment={environment} postId={post.id} updatedAt={post.updatedAt} zone={zone} />
          </section>
        </div>
        <div className="post-side">
          {hasContent && (
            <section className="panel post-part" aria-label="Content">
              {content.data === undefined && <Skeleton height="240px" />}
              {content.data !== undefined && content.data.media.length > 0 && <Media items={content.data.media} />}
              {content.data?.link && <LinkCard link={content.data.link} />}
              <PostTexts post={post} content={content.data} />
            </section>
          )}
          <section className="panel post-part" aria-labelledby="post-facts">
            <h2 id="post-facts">Target</h2>
            <PostFacts environment={environment} post={post} zone={zone} />
          </section>
        </div>
      </div>
      {act !== undefined && canChange && (
        <ActionDialog
          key={act}
          environment={environment}
          action={act}
          posts={[post]}
          onClose={() => start(undefined)}
          onDone={openRepeated}
        />
      )}
    </Screen>
  );
}
