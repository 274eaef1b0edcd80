-- migrate:up
-- Unfinished posts, as the composer of a client holds them. Their bodies are the client's own.
CREATE TABLE composer_drafts (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    environment text NOT NULL,
    body text NOT NULL,
    revision integer NOT NULL DEFAULT 1,
    updated_by text NOT NULL,
    updated_by_name text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX composer_drafts_by_project ON composer_drafts (project_id, updated_at, id);
CREATE INDEX composer_drafts_by_tenant ON composer_drafts (organization_id, environment, updated_at, id);

-- migrate:down
DROP TABLE composer_drafts;
