import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useZones } from "../../api/projects";
import { useLiveUpdates } from "../../api/useLiveUpdates";
import { Screen } from "../../app/Screen";
import { ACTIONS } from "../../posts/actions/actions";
import { ACTION_IDS } from "../../posts/actions/ids";
import { canEditLiveOf, hasAfterwards } from "../../posts/afterwards";
import { cureOf } from "../../posts/failureSentence";
import { LiveBadge } from "../../posts/LiveBadge";
import { accountQuery, contentQuery, postQuery, refreshMsOf, timelineQuery } from "../../posts/queries";
import { StatusBadge } from "../../posts/StatusBadge";
import { PostPreview } from "../../preview/PostPreview";
import { textsOf } from "../../preview/postFacts";
import { Fold } from "../../ui/Fold";
import { Skeleton } from "../../ui/Skeleton";
import { useShortcuts } from "../../ui/useShortcuts";
import { Failure } from "./Failure";
import { LookUpNotice } from "./LookUpNotice";
import { PostActions } from "./PostActions";
import { PostDialogs, type PostOpen } from "./PostDialogs";
import { PostAdditions, PostFacts } from "./PostFacts";
import { PostHeadline } from "./PostHeadline";
import { PostParts } from "./PostParts";
import { PostRelated } from "./PostRelated";
import { RelativesNotice } from "./RelativesNotice";
import { Timeline } from "./Timeline";
import { WaitingNotice } from "./WaitingNotice";
import "./post.css";

const AfterwardsNotice = lazy(() => import("./AfterwardsNotice"));
const PostResults = lazy(() => import("./PostResults"));
const PostComments = lazy(() => import("./PostComments"));
const SeriesNotice = lazy(() => import("./SeriesNotice"));

const route = getRouteApi("/$environment/posts/$postId");

/** One post: what it is, when and where it goes, what can be done with it, and below it what became of it. */
export default function Post() {
  const { environment, postId } = route.useParams();
  const { session } = route.useRouteContext();
  const { metric, ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const live = useLiveUpdates(environment);
  const { data: post } = useSuspenseQuery(postQuery(environment, postId));
  const content = useQuery(contentQuery(environment, post.containerId)).data;
  const account = useQuery(accountQuery(environment, post.socialAccountId)).data;
  const timeline = useQuery({ ...timelineQuery(environment, post.id), refetchInterval: refreshMsOf([post.status]) });
  const zone = useZones(environment)(post.projectId);
  const may = (scope: string) => session.scopes.includes(scope);
  const rights = {
    mayPublish: may("publish:write"),
    mayEdit: may("content:write"),
    mayApprove: may("content:approve"),
  };
  const texts = content && textsOf(post, content);
  const open = (next: PostOpen) =>
    void navigate({
      search: { ...next, ...(metric !== undefined && { metric }) },
      replace: Object.keys(next).length === 0,
      resetScroll: false,
    });
  const cure = cureOf(post);
  const canEditLive = rights.mayPublish && account !== undefined && canEditLiveOf(post, account);
  const canEdit = rights.mayEdit && (post.status === "queued" || (cure === "texts" && rights.mayPublish));
  useShortcuts({
    ...(rights.mayPublish && Object.fromEntries(ACTION_IDS.map((id) => [ACTIONS[id].key, () => open({ act: id })]))),
    ...(canEdit && { e: () => open({ edit: true }) }),
    ...(rights.mayPublish && post.status === "queued" && { e: () => open({ edit: "post" }) }),
    ...(canEditLive && { e: () => open({ edit: "live" }) }),
  });
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
      subject={texts?.caption}
      aside={
        <>
          <StatusBadge post={post} /> <LiveBadge state={live} />
        </>
      }
    >
      <div className="post" key={post.id}>
        <div className="post-where">
          <PostHeadline environment={environment} post={post} zone={zone} />
          <PostActions
            environment={environment}
            post={post}
            rights={rights}
            onAct={(action) => open({ act: action })}
            onEdit={(what) => open({ edit: what })}
            canEditLive={canEditLive}
            onRepeat={rights.mayPublish && content !== undefined ? () => open({ series: "repeat" }) : null}
          />
          {post.recurrenceId !== null && (
            <Suspense>
              <SeriesNotice
                {...{ environment, post, recurrenceId: post.recurrenceId }}
                onSkip={rights.mayPublish ? () => open({ act: "cancel" }) : null}
                onEnd={rights.mayPublish ? () => open({ series: "end" }) : null}
              />
            </Suspense>
          )}
          {hasAfterwards(post) && (
            <Suspense>
              <AfterwardsNotice
                environment={environment}
                post={post}
                zone={zone}
                onTakeDown={rights.mayPublish ? () => open({ act: "takeDown" }) : undefined}
              />
            </Suspense>
          )}
          <RelativesNotice environment={environment} postId={post.id} />
          <WaitingNotice environment={environment} post={post} zone={zone} />
          <LookUpNotice environment={environment} post={post} zone={zone} />
          {post.lastError !== null && (
            <Failure environment={environment} post={post} error={post.lastError} zone={zone} />
          )}
        </div>
        <section className="post-what" aria-label="Content">
          {content === undefined ? (
            <Skeleton height="400px" />
          ) : (
            <PostPreview post={post} content={content} handle={account?.handle ?? "…"} />
          )}
        </section>
        <div className="post-more">
          {post.status === "published" && post.mode === "publish" && may("insights:read") && (
            <Suspense fallback={<Skeleton height="200px" />}>
              <PostResults
                environment={environment}
                post={post}
                metric={metric}
                zone={zone}
                mayConnect={may("social:write")}
              />
            </Suspense>
          )}
          {post.parts !== null && (
            <section className="post-thread" aria-labelledby="post-parts">
              <h3 id="post-parts">Thread</h3>
              <PostParts environment={environment} post={post} />
            </section>
          )}
          <PostAdditions post={post} comment={texts?.comment ?? ""} />
          <PostRelated environment={environment} post={post} />
          {post.status === "published" && may("comments:read") && (
            <Suspense>
              <PostComments environment={environment} post={post} zone={zone} />
            </Suspense>
          )}
          <Fold title="Timeline" isOpen={post.status === "failed" || Boolean(timeline.data?.waiting)}>
            <Timeline environment={environment} post={post} zone={zone} />
          </Fold>
          <Fold title="Details">
            <PostFacts post={post} zone={zone} />
          </Fold>
        </div>
      </div>
      <PostDialogs
        {...{ environment, post, content, account, zone, rights, canEdit, canEditLive, open }}
        search={search}
        isRepeated={cure === "texts"}
        onRepeated={openRepeated}
      />
    </Screen>
  );
}
