-- migrate:up
-- Exports of a project's data, and erasures of a project: jobs of the worker.
CREATE TABLE exports (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES projects,
    organization_id uuid NOT NULL,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    has_media       boolean NOT NULL,
    status          text NOT NULL CHECK (status IN ('running', 'done', 'failed')),
    total           bigint,
    done            bigint NOT NULL DEFAULT 0,
    size_bytes      bigint,
    error           text,
    attempts        integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    expires_at      timestamptz,
    leased_by       text,
    leased_until    timestamptz,
    CHECK ((status = 'running') = (ended_at IS NULL)),
    CHECK ((ended_at IS NULL) = (expires_at IS NULL))
);
COMMENT ON COLUMN exports.total IS 'Rows and files that the export will have; null until they were counted.';
CREATE UNIQUE INDEX exports_one_running ON exports (project_id) WHERE status = 'running';
CREATE INDEX exports_by_project ON exports (project_id, created_at, id);
CREATE INDEX exports_open ON exports (id) WHERE status = 'running';
CREATE INDEX exports_by_expiry ON exports (expires_at) WHERE expires_at IS NOT NULL;

-- Receipts: they stay, without a reference to the project's row and, when it is erased, without its name.
CREATE TABLE erasures (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL UNIQUE,
    project_name    text,
    organization_id uuid NOT NULL REFERENCES organizations,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    requested_by    text NOT NULL,
    status          text NOT NULL CHECK (status IN ('running', 'done')),
    total           bigint,
    done            bigint NOT NULL DEFAULT 0,
    counts          jsonb NOT NULL DEFAULT '{}',
    error           text,
    attempts        integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    leased_by       text,
    leased_until    timestamptz,
    CHECK ((status = 'running') = (ended_at IS NULL)),
    CHECK (status = 'running' OR project_name IS NULL)
);
COMMENT ON COLUMN erasures.error IS 'Why the latest attempt stopped; null while none did.';
CREATE INDEX erasures_open ON erasures (id) WHERE status = 'running';
CREATE INDEX erasures_by_tenant ON erasures (organization_id, environment, created_at, id);

-- The content of a project in an order that does not change while pages of it are read.
CREATE INDEX content_containers_of_project ON content_containers (project_id, id);
-- Deleting content asks these tables for rows that refer to it.
CREATE INDEX IF NOT EXISTS text_messages_by_container ON text_messages (container_id);
CREATE INDEX webhook_endpoints_by_project ON webhook_endpoints (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX oauth_states_by_project ON oauth_states (project_id);

-- The audit log keeps who did what to which object, and when. What an entry says besides is removed with the customer: only
-- the owner of the table may change entries, so the program's role does it with this function, and for a project that is
-- being erased only.
CREATE FUNCTION erase_audit_details(project uuid, objects text[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH erased AS (
        UPDATE audit_log a
           SET detail = '{"erased":true}',
               actor_name = CASE WHEN a.link_id IS NULL THEN a.actor_name END
          FROM erasures e
         WHERE e.project_id = project AND e.status = 'running' AND a.organization_id = e.organization_id
           AND a.object_id = ANY(objects) AND a.action <> 'project.erase' AND a.detail <> '{"erased":true}'
        RETURNING 1
    )
    SELECT count(*) FROM erased
$$;

-- migrate:down
DROP FUNCTION erase_audit_details;
DROP INDEX oauth_states_by_project;
DROP INDEX webhook_endpoints_by_project;
DROP INDEX content_containers_of_project;
DROP TABLE erasures;
DROP TABLE exports;
