import { getRouteApi, Link } from "@tanstack/react-router";
import { Coffee } from "lucide-react";
import { lazy, Suspense } from "react";
import { useZones } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { useLater } from "../../ui/useLater";
import { useNow } from "../../ui/useNow";
import { Days } from "./Days";
import { FirstSteps } from "./FirstSteps";
import "./home.css";
import { FailuresCard, ReconnectCard, ReviewCard, StillLiveCard, SystemLine, WaitingCard, WebhooksCard } from "./Needs";
import { pathOf } from "./pathOf";
import { useFirstSteps } from "./useFirstSteps";
import { useLastVisit } from "./useLastVisit";
import { useNeeds } from "./useNeeds";
import { Week } from "./Week";
import { waitsOf } from "./waits";

const BestOfWeek = lazy(() => import("./BestOfWeek"));
const route = getRouteApi("/$environment/");
const NOTHING = { items: [], hasMore: false } as const;

/** What needs me: everything that waits for a person, and what goes out today and tomorrow. */
export default function Home() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const now = useNow();
  const isLater = useLater();
  const visit = useLastVisit(environment, session.user.id);
  const { review, failed, stillLive, coming, tomorrow, reconnect, endpoints, projects, system } = useNeeds(
    environment,
    session,
    visit.since,
  );
  const steps = useFirstSteps(environment, session);
  const queries = [review, failed, stillLive, coming, tomorrow, reconnect, endpoints, projects];
  const isPending = queries.some((query) => query.isLoading);
  const error = queries.find((query) => query.error !== null)?.error;
  const zoneOf = useZones(environment);
  const waits = waitsOf(coming.data?.items ?? [], now);
  const upcoming = coming.data?.items.filter((row) => new Date(row.scheduledFor) > now) ?? [];
  const needs = [
    review.data?.items.length && <ReviewCard key="review" environment={environment} found={review.data} />,
    failed.data?.items.length && (
      <FailuresCard
        key="failed"
        environment={environment}
        found={failed.data ?? NOTHING}
        since={visit.since}
        isFirst={visit.isFirst}
        onSeen={visit.markSeen}
      />
    ),
    stillLive.data?.items.length && (
      <StillLiveCard key="still live" environment={environment} found={stillLive.data} onSeen={visit.markSeen} />
    ),
    reconnect.data?.items.length && <ReconnectCard key="reconnect" environment={environment} found={reconnect.data} />,
    waits.length > 0 && <WaitingCard key="waits" environment={environment} waits={waits} zoneOf={zoneOf} />,
    endpoints.data?.items.length && <WebhooksCard key="webhooks" environment={environment} found={endpoints.data} />,
  ].filter((card) => Boolean(card));
  const [next] = upcoming;
  const hasDays = coming.data !== undefined && (steps === null || upcoming.length > 0);
  return (
    <Screen title="Home">
      {isPending ? (
        <SkeletonRows rows={4} height="120px" />
      ) : (
        <div className="home">
          <div className="home-needs">
            {error && <ErrorNotice error={error} />}
            {steps !== null && <FirstSteps environment={environment} steps={steps} />}
            {needs}
            {needs.length === 0 && steps === null && !error && (
              <div className="panel">
                <EmptyState icon={Coffee} title="Nothing needs you">
                  {next === undefined ? (
                    <>
                      No failures, nothing to review, and nothing scheduled for the next days.{" "}
                      {session.scopes.includes("content:write") && (
                        <Link to={pathOf(environment, "compose")}>Compose a post</Link>
                      )}
                    </>
                  ) : (
                    <>
                      Everything is on its way: the next post goes out <Time at={next.scheduledFor} isRelative />.
                    </>
                  )}
                </EmptyState>
              </div>
            )}
            {system.data && <SystemLine environment={environment} state={system.data} hasSteps={steps !== null} />}
            {failed.data?.items.length === 0 && stillLive.data?.items.length === 0 && needs.length > 0 && (
              <p className="soft small">
                {visit.isFirst ? "No failures in the last seven days." : "No failures since your last visit, "}
                {!visit.isFirst && <Time at={visit.since.toISOString()} />}
              </p>
            )}
          </div>
          {hasDays && (
            <div className="home-days">
              <Week environment={environment} />
              <Days
                environment={environment}
                rows={[...new Map([...upcoming, ...(tomorrow.data?.items ?? [])].map((row) => [row.id, row])).values()]}
                hasMore={{ Today: coming.data?.hasMore ?? false, Tomorrow: tomorrow.data?.hasMore ?? false }}
                zoneOf={zoneOf}
              />
              {isLater && session.scopes.includes("insights:read") && (
                <Suspense>
                  <BestOfWeek environment={environment} />
                </Suspense>
              )}
            </div>
          )}
        </div>
      )}
    </Screen>
  );
}
