-- migrate:up
-- People and groups that an identity provider writes by SCIM 2.0.
CREATE TABLE scim_tokens (
    id                uuid PRIMARY KEY,
    organization_id   uuid NOT NULL REFERENCES organizations,
    name              text NOT NULL,
    token_hash        bytea NOT NULL UNIQUE,
    sends_invitations boolean NOT NULL,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz,
    last_used_at      timestamptz
);
CREATE INDEX scim_tokens_by_age ON scim_tokens (organization_id, created_at, id);

-- What the provider calls a user. Without a row, no provider has written the user yet.
CREATE TABLE scim_users (
    user_id         uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    user_name       text NOT NULL,
    external_id     text,
    profile         text NOT NULL,
    updated_at      timestamptz NOT NULL,
    deleted_at      timestamptz
);
COMMENT ON COLUMN scim_users.profile IS 'JSON (api/scim/resources.py): names and e-mail addresses as they were sent.';
COMMENT ON COLUMN scim_users.deleted_at IS 'The provider deleted the user, who is disabled and hidden from it since then.';
CREATE UNIQUE INDEX scim_users_by_name ON scim_users (organization_id, lower(user_name));
CREATE INDEX scim_users_by_external_id ON scim_users (organization_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE scim_groups (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name            text NOT NULL,
    external_id     text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX scim_groups_by_name ON scim_groups (organization_id, lower(name));
CREATE INDEX scim_groups_by_age ON scim_groups (organization_id, created_at, id);
CREATE INDEX scim_groups_by_external_id ON scim_groups (organization_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE scim_members (
    group_id uuid NOT NULL REFERENCES scim_groups ON DELETE CASCADE,
    user_id  uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX scim_members_by_user ON scim_members (user_id);

-- The role of a user may follow these groups.
ALTER TABLE users
    DROP CONSTRAINT users_role_source_check,
    ADD CONSTRAINT users_role_source_check
        CHECK (role_source IN ('administrator', 'identity_provider', 'provisioning')) NOT VALID;

-- What a provider does is recorded as an act of its token, whose id is in link_id.
ALTER TABLE audit_log
    DROP CONSTRAINT audit_log_actor_check,
    DROP CONSTRAINT audit_log_check,
    ADD CONSTRAINT audit_log_actor_check CHECK (
        actor IN ('api_key', 'user', 'review_link', 'connect_link', 'tiktok_post_link', 'portal_link', 'scim_token',
                  'command_line', 'worker', 'platform')
    ) NOT VALID,
    ADD CONSTRAINT audit_log_check CHECK (
        (actor = 'api_key') = (key_id IS NOT NULL) AND (actor = 'user') = (user_id IS NOT NULL)
        AND (actor IN ('review_link', 'connect_link', 'tiktok_post_link', 'portal_link', 'scim_token'))
            = (link_id IS NOT NULL)
    ) NOT VALID;

-- migrate:down
DROP TABLE scim_members, scim_groups, scim_users, scim_tokens;
