import { Link } from "@tanstack/react-router";
import { CircleX, ClipboardCheck, Hourglass, Plug, TriangleAlert, Webhook } from "lucide-react";
import type { Content, Environment, PausedReason, SocialAccount, SystemState, WebhookEndpoint } from "presswork-client";
import { accountName } from "../../platforms/platforms";
import { captionLine } from "../../posts/captionLine";
import { type Row as PostsRow, postsIn } from "../../posts/groups";
import { numberOf } from "../../posts/queuedCount";
import { Button } from "../../ui/Button";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Time } from "../../ui/Time";
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
          {content.media.length > 1 ? `${content.media.length} files, ` : ""}since{" "}
          <Time at={content.updatedAt} isRelative />
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
          : {row.posts[0]?.lastError?.message}
        </ContentRow>
      ))}
    >
      {isFirst ? "In the last seven days." : "Since your last visit, "}
      {!isFirst && <Time at={since.toISOString()} />}
      {!isFirst && "."}
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

/** What the checks of the installation found, in one line. */
export function SystemLine({ environment, state }: { readonly environment: Environment; readonly state: SystemState }) {
  const found = state.findings.filter((finding) => finding.status !== "ok");
  const [first] = found;
  if (first === undefined) return null;
  return (
    <p className="panel system-line">
      <TriangleAlert aria-hidden />
      <span className="cut">
        <strong>{first.name}:</strong> {first.message}
      </span>
      <Link to={pathOf(environment, "system")}>
        {found.length === 1 ? "Open system" : `All ${found.length} findings`}
      </Link>
    </p>
  );
}
