-- migrate:up

-- People of an organization. An e-mail address may belong to a user of several organizations: each is a separate user.
-- `password_hash` is an encoded argon2id hash; null: the person signs in with OpenID Connect, or was only invited.
-- `role_source` says who decides on the role: an administrator, or the groups of the identity provider at each sign-in.
CREATE TABLE users (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    email           text NOT NULL CHECK (email = lower(email) AND email <> ''),
    name            text NOT NULL,
    role            text NOT NULL CHECK (role IN ('viewer', 'author', 'publisher', 'approver', 'admin')),
    role_source     text NOT NULL CHECK (role_source IN ('administrator', 'identity_provider')),
    project_ids     uuid[],
    password_hash   text,
    oidc_issuer     text,
    oidc_subject    text,
    created_at      timestamptz NOT NULL,
    accepted_at     timestamptz,
    disabled_at     timestamptz,
    last_seen_at    timestamptz,
    UNIQUE (organization_id, email),
    CHECK (role <> 'admin' OR project_ids IS NULL),
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
);
CREATE INDEX users_by_email ON users (email, id);
CREATE INDEX users_by_age ON users (organization_id, created_at, id);
CREATE UNIQUE INDEX users_by_identity ON users (organization_id, oidc_issuer, oidc_subject)
 WHERE oidc_subject IS NOT NULL;
CREATE INDEX users_by_subject ON users (oidc_subject, id) WHERE oidc_subject IS NOT NULL;
CREATE INDEX users_active_admins ON users (organization_id, id)
 WHERE role = 'admin' AND accepted_at IS NOT NULL AND disabled_at IS NULL;

-- Sign-ins of browsers. Of the token in the cookie only a hash is stored. A session that ended has no row.
CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    method       text NOT NULL CHECK (method IN ('password', 'oidc', 'link')),
    address      text,
    user_agent   text,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at, id);
CREATE INDEX sessions_by_use ON sessions (last_seen_at, id);

-- One-time links: an invitation or a new password of a user, or, without a user, the first administrator of the
-- installation. A used link keeps its row until it is swept.
CREATE TABLE sign_up_links (
    id         uuid PRIMARY KEY,
    user_id    uuid REFERENCES users ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    emailed_at timestamptz,
    used_at    timestamptz
);
CREATE INDEX sign_up_links_by_user ON sign_up_links (user_id, id);
CREATE INDEX sign_up_links_by_age ON sign_up_links (expires_at, id);

-- Attempts to sign in, by a hash of the account or of the address. UNLOGGED: losing them in a crash resets one window.
CREATE UNLOGGED TABLE sign_in_windows (
    subject      bytea PRIMARY KEY,
    window_start timestamptz NOT NULL,
    attempts     integer NOT NULL
);
CREATE INDEX sign_in_windows_by_age ON sign_in_windows (window_start);

-- The audit log names users. NOT VALID: the constraints that these replace were stricter.
ALTER TABLE audit_log
    ADD COLUMN user_id uuid,
    DROP CONSTRAINT audit_log_actor_check,
    DROP CONSTRAINT audit_log_check,
    ADD CONSTRAINT audit_log_actor_check CHECK (actor IN ('api_key', 'user', 'command_line', 'worker')) NOT VALID,
    ADD CONSTRAINT audit_log_check CHECK (
        (actor = 'api_key') = (key_id IS NOT NULL) AND (actor = 'user') = (user_id IS NOT NULL)
    ) NOT VALID;
CREATE INDEX audit_log_by_user ON audit_log (user_id, at, id) WHERE user_id IS NOT NULL;

-- Decisions of users.
ALTER TABLE content_containers
    ADD COLUMN decided_by_user uuid,
    DROP CONSTRAINT content_containers_check1,
    ADD CONSTRAINT content_containers_decided_check CHECK (
        (decided_at IS NULL) = (decided_by_key IS NULL AND decided_by_user IS NULL)
        AND (decided_by_key IS NULL OR decided_by_user IS NULL)
    ) NOT VALID;
ALTER TABLE content_reviews
    ADD COLUMN by_user uuid,
    ALTER COLUMN by_key DROP NOT NULL,
    ADD CONSTRAINT content_reviews_check CHECK ((by_key IS NULL) <> (by_user IS NULL)) NOT VALID;

-- An administrator's session can kill a key.
ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_killed_by_check,
    ADD CONSTRAINT api_keys_killed_by_check CHECK (killed_by IN ('api_key', 'user', 'command_line')) NOT VALID;

COMMENT ON COLUMN rate_windows.key_id IS 'Id of the API key, or of the user whose session sent the request.';
COMMENT ON COLUMN idempotency_keys.key_id IS 'Id of the API key, or of the user whose session sent the request.';
COMMENT ON COLUMN oauth_states.key_id IS 'Id of the API key, or of the user whose session began the login.';
COMMENT ON COLUMN schedule_intents.created_by_key IS 'Id of the API key, or of the user whose session scheduled it.';
