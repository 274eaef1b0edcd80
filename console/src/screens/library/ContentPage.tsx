import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { projectsQuery } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { ContentBadges } from "../../content/ContentBadges";
import { ContentMedia } from "../../content/ContentMedia";
import { ContentTexts, hasTexts } from "../../content/ContentTexts";
import { MarksContext } from "../../content/MarksContext";
import { postsOfContentQuery, reviewQuery } from "../../content/queries";
import ReviewHistory from "../../content/ReviewHistory";
import TextChange from "../../content/TextChange";
import { useDiscussion } from "../../discussion/useDiscussion";
import { Labels } from "../../labels/Labels";
import { contentQuery } from "../../posts/queries";
import { Fold } from "../../ui/Fold";
import { ContentActions } from "./ContentActions";
import { ContentFacts } from "./ContentFacts";
import { Intents } from "./Intents";
import "./library.css";
import { PostingLinks } from "./PostingLinks";
import { PostsOfContent } from "./PostsOfContent";
import { RemovedNotice } from "./RemovedNotice";

const StepList = lazy(() => import("../../content/StepList"));
const Discussion = lazy(() => import("../../discussion/Discussion"));
const EditDialog = lazy(() => import("../../content/EditDialog"));
const DeleteContent = lazy(() => import("../../content/DeleteContent"));
const RepeatContent = lazy(() => import("../../recurrences/RepeatContent"));
const ContentResults = lazy(() => import("./ContentResults"));
const TakeDownContent = lazy(() => import("./TakeDownContent"));
const ShareForReview = lazy(() => import("../../content/ShareForReview"));

const route = getRouteApi("/$environment/content/$containerId");

/** One piece of content: media, texts, review, and what became of it. */
export default function ContentPage() {
  const { environment, containerId } = route.useParams();
  const { session } = route.useRouteContext();
  const { edit, link, remove, takeDown, repeat } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: content } = useSuspenseQuery(contentQuery(environment, containerId));
  const review = useQuery(reviewQuery(environment, containerId));
  const projects = useQuery(projectsQuery(environment));
  const talk = useDiscussion(environment, containerId);
  const project = projects.data?.find(({ id }) => id === content.projectId);
  const posts = useQuery({ ...postsOfContentQuery(environment, containerId), enabled: repeat === true });
  const may = (scope: string) => session.scopes.includes(scope);
  const openEdit = (isOpen: boolean) => void navigate({ search: isOpen ? { edit: true } : {}, replace: true });
  const changes = review.data?.changedSince ?? [];
  return (
    <Screen
      title="Content"
      subject={content.caption}
      aside={<ContentBadges content={content} />}
      actions={
        <ContentActions
          environment={environment}
          session={session}
          content={content}
          onEdit={() => openEdit(true)}
          onLink={() => void navigate({ search: { link: "tiktok" }, replace: true })}
          onTakeDown={() => void navigate({ search: { takeDown: true }, replace: true })}
          onShare={() => void navigate({ search: { link: "review" }, replace: true })}
          onRepeat={() => void navigate({ search: { repeat: true }, replace: true })}
          onDelete={() => void navigate({ search: { remove: true }, replace: true })}
        />
      }
    >
      <RemovedNotice content={content} zone={project?.timezone} />
      <div className="content-page">
        <div className="content-main">
          <MarksContext value={talk.marks}>
            <ContentMedia content={content} name={project?.name ?? "Post"} />
          </MarksContext>
        </div>
        <div className="content-side">
          {hasTexts(content) && (
            <section className="panel content-part" aria-label="Texts">
              <ContentTexts content={content} />
            </section>
          )}
          <Labels labels={content.labels} />
          <Intents
            environment={environment}
            content={content}
            zone={project?.timezone}
            mayChange={may("publish:write")}
          />
          <PostsOfContent environment={environment} containerId={content.id} zone={project?.timezone} />
          {may("insights:read") && (
            <Suspense>
              <ContentResults environment={environment} containerId={content.id} />
            </Suspense>
          )}
          {may("publish:write") && (
            <PostingLinks
              environment={environment}
              content={content}
              isMaking={link === "tiktok"}
              onClose={() => openEdit(false)}
            />
          )}
          {talk.marks !== null && (
            <div className="panel content-part">
              <Suspense>
                <Discussion
                  environment={environment}
                  session={session}
                  content={content}
                  comments={talk.comments}
                  error={talk.error}
                  marks={talk.marks}
                />
              </Suspense>
            </div>
          )}
          {review.data !== undefined && (review.data.items.length > 0 || changes.length + content.steps.length > 0) && (
            <section className="panel content-part" aria-labelledby="content-review">
              <h2 id="content-review">Review</h2>
              {content.steps.length > 0 && (
                <Suspense>
                  <StepList session={session} steps={content.steps} />
                </Suspense>
              )}
              {changes.map(({ field, before, after }) => (
                <TextChange key={field} field={field} before={before} after={after} />
              ))}
              {review.data.items.length > 0 && <ReviewHistory session={session} review={review.data} />}
            </section>
          )}
          <section className="panel content-part" aria-label="Details">
            <Fold title={content.media.length === 0 ? "Details" : "Files and details"}>
              <ContentFacts content={content} project={project} />
            </Fold>
          </section>
          {may("content:approve") && content.status !== "deleted" && (
            <p className="small">
              <Link to="/$environment/approvals/links" params={{ environment }} search={{ content: content.id }}>
                Review links of this content
              </Link>
            </p>
          )}
        </div>
      </div>
      <Suspense>
        {link === "review" && may("content:approve") && (
          <ShareForReview environment={environment} contents={[content]} onClose={() => openEdit(false)} />
        )}
        {takeDown === true && may("publish:write") && (
          <TakeDownContent environment={environment} containerId={content.id} onClose={() => openEdit(false)} />
        )}
        {repeat === true && may("publish:write") && posts.data !== undefined && posts.data.length > 0 && (
          <RepeatContent
            {...{ environment, content }}
            posts={posts.data}
            zone={project?.timezone ?? "UTC"}
            onClose={() => openEdit(false)}
          />
        )}
        {edit === true && may("content:write") && (
          <EditDialog environment={environment} content={content} onClose={() => openEdit(false)} />
        )}
        {remove === true && may("content:write") && content.status !== "deleted" && (
          <DeleteContent environment={environment} contents={[content]} onClose={() => openEdit(false)} />
        )}
      </Suspense>
    </Screen>
  );
}
