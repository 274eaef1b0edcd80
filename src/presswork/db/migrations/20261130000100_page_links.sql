-- migrate:up

-- Links to pages without a login. Of a link's token only its hash is stored: 32 random bytes need no slow hash, and a
-- lookup by hash takes no time that depends on the token. `uses` counts what the kind calls a use, such as a finished login.
-- The key or the user who made a link acts through it: a link of a revoked key or a disabled user opens no page.
CREATE TABLE page_links (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('review_link', 'connect_link', 'tiktok_post_link')),
    organization_id uuid NOT NULL REFERENCES organizations,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    project_id      uuid NOT NULL REFERENCES projects,
    container_ids   uuid[] NOT NULL DEFAULT '{}',
    key_id          uuid REFERENCES api_keys,
    user_id         uuid REFERENCES users ON DELETE CASCADE,
    token_hash      bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    settings        jsonb NOT NULL,
    recipient_name  text,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz,
    max_uses        integer CHECK (max_uses > 0),
    uses            integer NOT NULL DEFAULT 0,
    visits          integer NOT NULL DEFAULT 0,
    last_visited_at timestamptz,
    CHECK ((key_id IS NULL) <> (user_id IS NULL)),
    CHECK (max_uses IS NULL OR uses <= max_uses)
);
CREATE INDEX page_links_by_age ON page_links (organization_id, environment, kind, created_at, id);
CREATE INDEX page_links_by_project ON page_links (project_id, kind, created_at, id);

-- What a person does at such a page is recorded as an act of the link. NOT VALID: the constraints that these replace were
-- stricter.
ALTER TABLE audit_log
    ADD COLUMN link_id uuid,
    DROP CONSTRAINT audit_log_actor_check,
    DROP CONSTRAINT audit_log_check,
    ADD CONSTRAINT audit_log_actor_check CHECK (
        actor IN ('api_key', 'user', 'review_link', 'connect_link', 'tiktok_post_link', 'command_line', 'worker')
    ) NOT VALID,
    ADD CONSTRAINT audit_log_check CHECK (
        (actor = 'api_key') = (key_id IS NOT NULL) AND (actor = 'user') = (user_id IS NOT NULL)
        AND (actor IN ('review_link', 'connect_link', 'tiktok_post_link')) = (link_id IS NOT NULL)
    ) NOT VALID;

-- How the pages of a project look: name, URL of the logo, colour, and where the logo is stored.
ALTER TABLE projects ADD COLUMN branding jsonb;
