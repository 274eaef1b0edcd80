-- migrate:up

-- Webhook endpoints of organizations. An endpoint is a lane: one worker at a time delivers to it.
CREATE TABLE webhook_endpoints (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    project_id      uuid REFERENCES projects, -- NULL: every project of the organization and environment
    url             text NOT NULL,
    description     text,
    events          text[] NOT NULL CHECK (cardinality(events) > 0),
    status          text NOT NULL CHECK (status IN ('active', 'paused')),
    paused_at       timestamptz,
    paused_reason   text CHECK (paused_reason IN ('by_request', 'too_many_failures', 'gone')),
    failures_in_row integer NOT NULL DEFAULT 0,
    sealed_secret   bytea NOT NULL,
    former_secret   bytea, -- encrypted; also signs for a while after a rotation
    former_until    timestamptz,
    leased_by       text,
    leased_until    timestamptz,
    turn_at         timestamptz NOT NULL DEFAULT '-infinity', -- when a worker last claimed it
    rests_until     timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CHECK ((status = 'paused') = (paused_at IS NOT NULL)),
    CHECK ((paused_at IS NULL) = (paused_reason IS NULL)),
    CHECK ((former_secret IS NULL) = (former_until IS NULL))
);
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (organization_id, environment, created_at, id);

-- The outbox of webhook deliveries, and their log. The statement that makes a change writes its deliveries: an event for
-- several endpoints is several rows with the same `event_id`. `data` is the exact payload. `position` orders the events of
-- one subject, whose row is locked by each change. Ids are UUIDv7, so that the primary key finds old rows.
CREATE TABLE webhook_deliveries (
    id              uuid PRIMARY KEY,
    position        bigint GENERATED ALWAYS AS IDENTITY,
    endpoint_id     uuid NOT NULL,
    organization_id uuid NOT NULL,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    event_id        uuid NOT NULL,
    event_type      text NOT NULL,
    subject_id      uuid, -- NULL: does not wait for other deliveries
    occurred_at     timestamptz NOT NULL,
    data            text NOT NULL,
    status          text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    due_at          timestamptz NOT NULL, -- '-infinity': due immediately, whatever the clock shows
    attempts        integer NOT NULL DEFAULT 0,
    attempt_log     jsonb NOT NULL DEFAULT '[]',
    settled_at      timestamptz,
    replay_of       uuid,
    created_at      timestamptz NOT NULL,
    CHECK ((status = 'pending') = (settled_at IS NULL))
) WITH (fillfactor = 85);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at, position) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_of_subject ON webhook_deliveries (endpoint_id, subject_id, position) WHERE status = 'pending' AND subject_id IS NOT NULL;
CREATE INDEX webhook_deliveries_tests ON webhook_deliveries (endpoint_id, due_at) WHERE status = 'pending' AND event_type = 'test.ping';
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (endpoint_id, status, event_type, position);
