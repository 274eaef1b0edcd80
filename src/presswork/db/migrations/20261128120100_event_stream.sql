-- migrate:up

-- Who receives the events of an organization and environment: its webhook endpoints, and the event stream while a client
-- reads it or may still resume it. Statements that write events read only this table, so that both cost one index probe.
CREATE TABLE event_listeners (
    id              uuid PRIMARY KEY, -- of the endpoint
    organization_id uuid NOT NULL,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    project_id      uuid,             -- NULL: every project of the organization and environment
    events          text[] NOT NULL,  -- of a stream: empty, it has all
    is_stream       boolean NOT NULL,
    kept_until      timestamptz,
    CHECK (is_stream = (kept_until IS NOT NULL))
);
CREATE INDEX event_listeners_by_tenant ON event_listeners (organization_id, environment, id);
CREATE UNIQUE INDEX event_listeners_of_streams ON event_listeners (organization_id, environment) WHERE is_stream;
INSERT INTO event_listeners (id, organization_id, environment, project_id, events, is_stream)
SELECT id, organization_id, environment, project_id, events, false FROM webhook_endpoints;

-- By a trigger, because a process of an earlier version changes endpoints too while a cluster is upgraded.
CREATE FUNCTION listen_as_endpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM event_listeners WHERE id = OLD.id;
    ELSE
        INSERT INTO event_listeners (id, organization_id, environment, project_id, events, is_stream)
        VALUES (NEW.id, NEW.organization_id, NEW.environment, NEW.project_id, NEW.events, false)
        ON CONFLICT (id) DO UPDATE SET project_id = excluded.project_id, events = excluded.events;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER listen_as_endpoint AFTER INSERT OR DELETE OR UPDATE OF project_id, events ON webhook_endpoints
    FOR EACH ROW EXECUTE FUNCTION listen_as_endpoint();

-- Events of streams, written in the transaction of the change. `position` is the order of writing, not of commits: events
-- are numbered once they are committed, and moved to the next table.
CREATE TABLE event_outbox (
    position        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid NOT NULL,
    environment     text NOT NULL,
    project_id      uuid,
    event_id        uuid NOT NULL,
    event_type      text NOT NULL,
    occurred_at     timestamptz NOT NULL,
    data            text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Committed events, for an hour. One transaction at a time numbers them, so a reader that continues after a number misses
-- none: no lower number can appear later.
CREATE TABLE stream_events (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid NOT NULL,
    environment     text NOT NULL,
    project_id      uuid,
    event_id        uuid NOT NULL,
    event_type      text NOT NULL,
    occurred_at     timestamptz NOT NULL,
    data            text NOT NULL,
    numbered_at     timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
CREATE INDEX stream_events_by_tenant ON stream_events (organization_id, environment, number);
CREATE INDEX stream_events_by_id ON stream_events (event_id);
