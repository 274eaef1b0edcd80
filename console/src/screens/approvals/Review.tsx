import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Link as LinkIcon, SquareArrowOutUpRight } from "lucide-react";
import type { Content, ContentReview, Environment } from "presswork-client";
import { lazy, Suspense, useState } from "react";
import { projectsQuery } from "../../api/projects";
import type { SignedIn } from "../../api/session";
import { ContentBadges } from "../../content/ContentBadges";
import { ContentMedia } from "../../content/ContentMedia";
import { ContentTexts, hasTexts } from "../../content/ContentTexts";
import { MarksContext } from "../../content/MarksContext";
import { fileFacts } from "../../content/media";
import { reviewQuery } from "../../content/queries";
import { useDiscussion } from "../../discussion/useDiscussion";
import { Button } from "../../ui/Button";
import { Time } from "../../ui/Time";
import { DueText } from "./DueText";
import { GoesOut } from "./GoesOut";
import { waitsSince } from "./inbox";
import type { Seen } from "./useSeen";

const ReviewHistory = lazy(() => import("../../content/ReviewHistory"));
const TextChange = lazy(() => import("../../content/TextChange"));
const ChangeNotice = lazy(() => import("./ChangeNotice"));
const StepList = lazy(() => import("../../content/StepList"));
const Discussion = lazy(() => import("../../discussion/Discussion"));
const ShareForReview = lazy(() => import("../../content/ShareForReview"));

interface ReviewProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly content: Content;
  readonly seen: Seen;
  readonly dueAt: string | null;
  readonly zone: string;
}

/** What is decided on: media, texts, where it goes, what changed, what was said, and earlier decisions. */
export function Review({ environment, session, content, seen, dueAt, zone }: ReviewProps) {
  const review = useQuery(reviewQuery(environment, content.id));
  const projects = useQuery(projectsQuery(environment));
  const talk = useDiscussion(environment, content.id);
  const [isSharing, setSharing] = useState(false);
  const [first] = content.media;
  const project = projects.data?.find(({ id }) => id === content.projectId)?.name;
  const isPending = content.approvalStatus === "pending";
  return (
    <>
      <header className="review-head">
        <h2>{project ?? "Content"}</h2>
        {isPending && <DueText dueAt={dueAt} zone={zone} />}
        {(!isPending || content.reviewNote !== null) && <ContentBadges content={content} />}
        <span className="soft small">
          {isPending ? "waits since " : "made "}
          <Time at={isPending ? waitsSince(content) : content.createdAt} zone={zone} isDay />
        </span>
        <span className="review-links">
          <Link
            className="small"
            to="/$environment/content/$containerId"
            params={{ environment, containerId: content.id }}
          >
            <SquareArrowOutUpRight aria-hidden /> Open in the library
          </Link>
          {session.scopes.includes("content:approve") && (
            <Button kind="quiet" onPress={() => setSharing(true)}>
              <LinkIcon aria-hidden /> Share for review
            </Button>
          )}
        </span>
      </header>
      <Suspense>
        {isSharing && (
          <ShareForReview environment={environment} contents={[content]} onClose={() => setSharing(false)} />
        )}
      </Suspense>
      {seen.isStale && seen.content !== null && (
        <Suspense>
          <ChangeNotice seen={seen.content} current={content} />
        </Suspense>
      )}
      <div className="review-body">
        <div className="review-media">
          <MarksContext value={talk.marks}>
            <ContentMedia content={content} name={project ?? "Post"} />
          </MarksContext>
          {first !== undefined && (
            <p className="soft small">
              {content.media.length > 1 && `${content.media.length} pictures, the first: `}
              {fileFacts(first)}
            </p>
          )}
        </div>
        <div className="review-facts">
          {content.steps.length > 0 && (
            <Suspense>
              <StepList session={session} steps={content.steps} />
            </Suspense>
          )}
          {review.data !== undefined && review.data.changedSince.length > 0 && <Changes review={review.data} />}
          {hasTexts(content) && <ContentTexts content={content} />}
          <section aria-labelledby="goes-out">
            <h2 id="goes-out">Goes out</h2>
            <GoesOut environment={environment} content={content} zone={zone} />
          </section>
          {talk.marks !== null && (
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
          )}
          {review.data !== undefined && review.data.items.length > 0 && (
            <section aria-labelledby="earlier">
              <h2 id="earlier">Earlier decisions</h2>
              <Suspense>
                <ReviewHistory session={session} review={review.data} />
              </Suspense>
            </section>
          )}
        </div>
      </div>
    </>
  );
}

function Changes({ review }: { readonly review: ContentReview }) {
  return (
    <section className="changes" aria-labelledby="changes">
      <h2 id="changes">{review.items.length === 0 ? "Edited since it was made" : "Edited since the last decision"}</h2>
      <Suspense>
        {review.changedSince.map(({ field, before, after }) => (
          <TextChange key={field} field={field} before={before} after={after} />
        ))}
      </Suspense>
    </section>
  );
}
