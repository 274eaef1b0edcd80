import { Link } from "@tanstack/react-router";
import { CircleX, ClipboardCheck, Hourglass, Info, Plug, TriangleAlert, Webhook } from "lucide-react";
import type { Content, Environment, PausedReason, SocialAccount, SystemState, WebhookEndpoint } from "presswork-client";
import { accountName } from "../../platforms/platforms";
import { adviceOf } from "../../posts/afterwards";
import { captionLine } from "../../posts/captionLine";
import { failureSentence } from "../../posts/failureSentence";
import { type Row as PostsRow, postsIn } from "../../posts/groups";
import { numberOf } from "../../posts/queuedCount";
import { Button } from "../../ui/Button";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Time } from "../../ui/Time";
import { concernsOf, headlineOf, titleOf } from "../system/concerns";
import { Card, Row } from "./Card";
import { ContentRow } from "./ContentRow";
import { pathOf } from "./pathOf";
import { countOf, SHOWN, type Some } from "./useNeeds";
import type { Wait } from "./waits";

interface NeedProps<T> {
  readonly environment: Environment;
  readonly found: Some<T>;
}

/** Content that waits for a decision. */
export function ReviewCard({ environment, found }: NeedProps<Content>) {
  return (
    <Card
      icon={ClipboardCheck}
      tone="info"
      title={`${countOf(found)} waiting for review`}
      to={pathOf(environment, "approvals")}
      linkText="Open approvals"
      rows={found.items.slice(0, SHOWN).map((content) => (
        <Row
          key={content.id}
          hasThumbnail
          thumbnailUrl={content.media[0]?.thumbnailUrl ?? content.link?.thumbnailUrl ?? null}
          to={pathOf(environment, "approvals")}
          search={{ content: content.id }}
          title={captionLine(content.caption)}
        >
          {content.media.length > 1 ? `${content.media.length} files, ` : ""}since <Time at={content.updatedAt} isDay />
        </Row>
      ))}
    />
  );
}

interface FailuresProps extends NeedProps<PostsRow> {
  readonly since: Date;
  readonly isFirst: boolean;
  readonly onSeen: () => void;
}

/** Posts that failed since the last visit. */
export function FailuresCard({ environment, found, since, isFirst, onSeen }: FailuresProps) {
  return (
    <Card
      icon={CircleX}
      tone="bad"
      title={`${numberOf(postsIn(found.items))}${found.hasMore ? "+" : ""} failed`}
      to={pathOf(environment, "queue")}
      search={{ view: "failed" }}
      linkText="All failures"
      actions={<Button onPress={onSeen}>Seen</Button>}
      rows={found.items.slice(0, SHOWN).map((row) => (
        <ContentRow key={row.id} environment={environment} row={row} posts={row.posts}>
          {row.posts[0]?.lastError && `: ${failureSentence(row.posts[0].lastError, row.posts[0].platform)}`}
        </ContentRow>
      ))}
    >
      {isFirst ? "In the last seven days." : "Since your last visit, "}
      {!isFirst && <Time at={since.toISOString()} />}
      {!isFirst && "."}
    </Card>
  );
}

type StillLiveProps = Pick<FailuresProps, "environment" | "found" | "onSeen">;

/** Posts that could not be taken down since the last visit. */
export function StillLiveCard({ environment, found, onSeen }: StillLiveProps) {
  return (
    <Card
      icon={CircleX}
      tone="bad"
      title={`${numberOf(postsIn(found.items))}${found.hasMore ? "+" : ""} not taken down`}
      to={pathOf(environment, "queue")}
      search={{ view: "done", live: "not_taken_down" }}
      linkText="All of them"
      actions={<Button onPress={onSeen}>Seen</Button>}
      rows={found.items.slice(0, SHOWN).map((row) => (
        <ContentRow key={row.id} environment={environment} row={row} posts={row.posts}>
          {row.posts[0] && `: ${adviceOf(row.posts[0])}`}
        </ContentRow>
      ))}
    >
      They are still live, until a person deletes them or they are taken down again.
    </Card>
  );
}

/** Accounts whose owner has to agree again. */
export function ReconnectCard({ environment, found }: NeedProps<SocialAccount>) {
  return (
    <Card
      icon={Plug}
      tone="bad"
      title={`${countOf(found)} to reconnect`}
      to={pathOf(environment, "accounts")}
      linkText="Open accounts"
      rows={found.items.slice(0, SHOWN).map((account) => (
        <Row
          key={account.socialAccountId}
          to={pathOf(environment, "accounts", account.socialAccountId)}
          title={
            <>
              <PlatformIcon platform={account.platform} /> {accountName(account.platform, account.handle)}
            </>
          }
        >
          {account.disconnectedReason ?? "The platform no longer accepts its token. Its owner has to sign in again."}
        </Row>
      ))}
    >
      Posts to these accounts fail until their owner agrees again.
    </Card>
  );
}

const PAUSED: Readonly<Record<PausedReason, string>> = {
  by_request: "Paused by a person",
  too_many_failures: "20 deliveries in a row failed",
  gone: "It answered 410: gone",
};

/** Webhook endpoints that receive nothing. */
export function WebhooksCard({ environment, found }: NeedProps<WebhookEndpoint>) {
  return (
    <Card
      icon={Webhook}
      tone="warn"
      title={`${found.items.length} webhook ${found.items.length === 1 ? "endpoint" : "endpoints"} paused`}
      to={pathOf(environment, "developers", "webhooks")}
      linkText="Open webhooks"
      rows={found.items.slice(0, SHOWN).map((endpoint) => (
        <Row key={endpoint.id} to={pathOf(environment, "developers", "webhooks", endpoint.id)} title={endpoint.url}>
          {endpoint.pausedReason && PAUSED[endpoint.pausedReason]}
          {endpoint.pausedAt && (
            <>
              , <Time at={endpoint.pausedAt} isRelative />
            </>
          )}
        </Row>
      ))}
    />
  );
}

interface WaitingProps {
  readonly environment: Environment;
  readonly waits: readonly Wait[];
  readonly zoneOf: (projectId: string) => string;
}

/** Posts that are not out although they are due, and why. */
export function WaitingCard({ environment, waits, zoneOf }: WaitingProps) {
  return (
    <Card
      icon={Hourglass}
      tone="warn"
      title={`${numberOf(postsIn(waits))} late or waiting`}
      to={pathOf(environment, "queue")}
      linkText="Open queue"
      rows={waits.slice(0, SHOWN).map(({ row, posts, why, until }) => (
        <ContentRow key={`${row.id} ${why}`} environment={environment} row={row} posts={posts}>
          , due <Time at={row.scheduledFor} zone={zoneOf(row.projectId)} />. {why}
          {until === null ? (
            "."
          ) : (
            <>
              ; it continues <Time at={until} isRelative />.
            </>
          )}
        </ContentRow>
      ))}
    />
  );
}

interface SystemLineProps {
  readonly environment: Environment;
  readonly state: SystemState;
  /** Whether the first steps are shown, which lead to the set-up of a network, too. */
  readonly hasSteps: boolean;
}

/** What the checks of the installation found, in one line; in Live also that no network can be connected yet. */
export function SystemLine({ environment, state, hasSteps }: SystemLineProps) {
  const [first] = concernsOf(state);
  const isOpen = environment === "live" && !hasSteps && state.platforms.every((setup) => !setup.isConfigured);
  if (first === undefined && !isOpen) return null;
  return (
    <p className="panel system-line">
      {first === undefined ? <Info aria-hidden /> : <TriangleAlert aria-hidden />}
      <span>
        {first === undefined
          ? "No network is set up yet, so no real account can be connected."
          : `${headlineOf(state)} in this installation, first of all: ${titleOf(first.name)}.`}
      </span>
      <Link to={pathOf(environment, "system")}>{first === undefined ? "Set up a network" : "Open System"}</Link>
    </p>
  );
}
