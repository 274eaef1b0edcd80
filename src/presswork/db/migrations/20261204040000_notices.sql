-- migrate:up
-- What people are notified of. They listen like an endpoint or a stream, but to a few types of events, and only where an
-- organization has users or channels: `notice_events` is their outbox, which workers empty.
ALTER TABLE event_listeners ADD COLUMN is_for_people boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX event_listeners_of_people ON event_listeners (organization_id, environment) WHERE is_for_people;

CREATE TABLE notice_events (
    position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid NOT NULL,
    environment     text NOT NULL,
    project_id      uuid,
    event_id        uuid NOT NULL,
    event_type      text NOT NULL,
    subject_id      uuid NOT NULL,
    occurred_at     timestamptz NOT NULL,
    data            text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX notice_events_of_project ON notice_events (project_id);

-- One row for each event that concerned a person or a channel, as it is shown. Its id is that of the event.
CREATE TABLE notices (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    project_id      uuid,
    container_id    uuid,
    event_type      text NOT NULL,
    subject_type    text NOT NULL,
    subject_id      uuid NOT NULL,
    title           text NOT NULL,
    text            text NOT NULL,
    at              timestamptz NOT NULL
);
CREATE INDEX notices_of_project ON notices (project_id);
CREATE INDEX notices_of_content ON notices (container_id) WHERE container_id IS NOT NULL;

-- In the list of one person.
CREATE TABLE notifications (
    notice_id   uuid NOT NULL REFERENCES notices ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    environment text NOT NULL,
    at          timestamptz NOT NULL,
    read_at     timestamptz,
    PRIMARY KEY (notice_id, user_id)
);
CREATE INDEX notifications_of_user ON notifications (user_id, environment, at, notice_id);
CREATE INDEX notifications_unread ON notifications (user_id, environment, at) WHERE read_at IS NULL;

-- What a person chose; without a row, the default of the person's role.
CREATE TABLE notification_preferences (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    event_type text NOT NULL,
    in_app     boolean NOT NULL,
    email      boolean NOT NULL,
    push       boolean NOT NULL,
    PRIMARY KEY (user_id, event_type)
);

-- Where a project's notices go besides: a room of a chat service, or an e-mail address.
CREATE TABLE notice_channels (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    environment     text NOT NULL,
    kind            text NOT NULL,
    sealed_target   bytea NOT NULL, -- the URL, which is a secret, or the address
    shown_target    text NOT NULL,
    events          text[] NOT NULL,
    status          text NOT NULL CHECK (status IN ('active', 'paused')),
    paused_at       timestamptz,
    paused_reason   text,
    last_error      text,
    last_sent_at    timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE INDEX notice_channels_of_project ON notice_channels (project_id, created_at, id);
CREATE INDEX notice_channels_of_tenant ON notice_channels (organization_id, environment);

-- Browsers that a person wants push messages in.
CREATE TABLE push_subscriptions (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    endpoint_hash bytea NOT NULL UNIQUE,
    sealed_target bytea NOT NULL, -- the URL and the keys of the browser
    created_at    timestamptz NOT NULL
);
CREATE INDEX push_subscriptions_of_user ON push_subscriptions (user_id);

-- The key by which push services know this installation (VAPID).
CREATE TABLE push_keys (
    id         integer PRIMARY KEY CHECK (id = 1),
    sealed_key bytea NOT NULL,
    created_at timestamptz NOT NULL
);

-- Where messages are sent: the lanes of the worker. The id is that of the user, the channel or the subscription.
CREATE TABLE notice_destinations (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('email', 'channel', 'push')),
    due_at          timestamptz,
    leased_by       text,
    leased_until    timestamptz,
    failures_in_row integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX notice_destinations_due ON notice_destinations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notice_destinations_leased ON notice_destinations (leased_by) WHERE leased_by IS NOT NULL;

-- What waits to be sent.
CREATE TABLE notice_deliveries (
    destination_id uuid NOT NULL REFERENCES notice_destinations ON DELETE CASCADE,
    notice_id      uuid NOT NULL REFERENCES notices ON DELETE CASCADE,
    event_type     text NOT NULL,
    due_at         timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (destination_id, notice_id)
);
CREATE INDEX notice_deliveries_of_notice ON notice_deliveries (notice_id);
CREATE INDEX notice_deliveries_due ON notice_deliveries (destination_id, due_at);

-- When the last e-mail of a kind went at once: what follows within ten minutes is one.
CREATE TABLE notice_mail_windows (
    destination_id uuid NOT NULL,
    event_type     text NOT NULL,
    opened_at      timestamptz NOT NULL,
    PRIMARY KEY (destination_id, event_type)
);
CREATE INDEX notice_mail_windows_by_time ON notice_mail_windows (opened_at);

-- Of which threshold before the end of its token an account has had an event, and which organizations have had one about
-- their media.
CREATE TABLE token_warnings (
    social_account_id uuid PRIMARY KEY REFERENCES social_accounts ON DELETE CASCADE,
    token_expires_at  timestamptz NOT NULL,
    days              integer NOT NULL
);
CREATE TABLE quota_warnings (
    organization_id uuid PRIMARY KEY,
    warned_at       timestamptz NOT NULL
);
CREATE INDEX social_accounts_by_token_end ON social_accounts (token_expires_at)
 WHERE status = 'connected' AND token_expires_at IS NOT NULL;

-- By triggers, because a process of an earlier version adds users too while a cluster is upgraded.
CREATE FUNCTION listen_for_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_listeners (id, organization_id, environment, events, is_stream, is_for_people)
    SELECT gen_random_uuid(), NEW.organization_id, e.environment, notice_event_types(), false, true
      FROM (VALUES ('live'), ('test')) AS e(environment)
     ORDER BY e.environment
    ON CONFLICT (organization_id, environment) WHERE is_for_people DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION notice_event_types() RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY['content.pending', 'content.reminder', 'content.changes_requested', 'content.approved',
                 'content.rejected', 'content.commented', 'content.mentioned', 'post.failed', 'post.outcome_unknown',
                 'social_account.needs_reauth', 'social_account.token_expiring', 'webhook.paused', 'quota.media'];
CREATE TRIGGER listen_for_people AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION listen_for_people();
CREATE TRIGGER listen_for_channels AFTER INSERT ON notice_channels FOR EACH ROW EXECUTE FUNCTION listen_for_people();
INSERT INTO event_listeners (id, organization_id, environment, events, is_stream, is_for_people)
SELECT gen_random_uuid(), u.organization_id, e.environment, notice_event_types(), false, true
  FROM (SELECT DISTINCT organization_id FROM users) u CROSS JOIN (VALUES ('live'), ('test')) AS e(environment);

-- migrate:down
DROP TRIGGER listen_for_people ON users;
DELETE FROM event_listeners WHERE is_for_people;
DROP INDEX social_accounts_by_token_end;
DROP TABLE notice_mail_windows, notice_deliveries, notice_destinations, push_keys, push_subscriptions, notice_channels,
           notification_preferences, notifications, notices, notice_events, token_warnings, quota_warnings;
DROP FUNCTION listen_for_people();
DROP FUNCTION notice_event_types();
ALTER TABLE event_listeners DROP COLUMN is_for_people;
