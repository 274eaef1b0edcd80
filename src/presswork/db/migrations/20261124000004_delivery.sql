-- migrate:up

-- A post whose delivery does not block others (a text message, a provider's dispatch) has a separate lane; all others
-- share that of their account.
ALTER TABLE scheduled_posts
    ADD COLUMN has_own_lane    boolean NOT NULL DEFAULT false,
    ADD COLUMN lane            uuid GENERATED ALWAYS AS (CASE WHEN has_own_lane THEN id ELSE social_account_id END) STORED,
    ADD COLUMN cancel_asked_at timestamptz,
    -- The platform's id of a delivery, which its webhooks contain; a copy of the worker's state.
    ADD COLUMN delivery_reference text;
UPDATE scheduled_posts SET delivery_reference = platform_state::json ->> 'publish_id'
 WHERE platform = 'tiktok' AND platform_state LIKE '%"publish_id"%';
CREATE INDEX scheduled_posts_by_reference ON scheduled_posts (delivery_reference) WHERE delivery_reference IS NOT NULL;
DROP INDEX scheduled_posts_lanes;
DROP INDEX scheduled_posts_one_at_work;
CREATE INDEX scheduled_posts_lanes ON scheduled_posts (lane, run_at, created_at, id) WHERE status = 'queued';
-- A unique index prevents a second post in progress on a lane.
CREATE UNIQUE INDEX scheduled_posts_one_at_work ON scheduled_posts (lane) WHERE status = 'publishing';

-- Layers group a project's accounts, for example for a managed provider. An account is in one layer at most.
CREATE TABLE layers (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES projects,
    organization_id uuid NOT NULL,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    template_id     uuid NOT NULL,
    config          jsonb NOT NULL CHECK (jsonb_typeof(config) = 'object'),
    provider        text GENERATED ALWAYS AS (config ->> 'provider') STORED,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE INDEX layers_by_project ON layers (project_id, created_at, id);

-- Managed providers that the operator of this service configured.
CREATE TABLE providers (
    name          text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    environment   text NOT NULL CHECK (environment IN ('live', 'test')),
    base_url      text NOT NULL,
    sealed_secret bytea NOT NULL,
    former_secret bytea, -- encrypted; still valid for a while after a rotation
    former_until  timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (environment, name)
);

-- `login` is the login that connected the account: Instagram has two. `grantor_id` is the platform's id of the person,
-- whose grant may include several accounts.
ALTER TABLE social_accounts
    ADD COLUMN layer_id   uuid REFERENCES layers,
    ADD COLUMN login      text,
    ADD COLUMN grantor_id text;
UPDATE social_accounts SET login = platform;
ALTER TABLE social_accounts ALTER COLUMN login SET NOT NULL;
CREATE INDEX social_accounts_by_layer ON social_accounts (layer_id) WHERE layer_id IS NOT NULL;
CREATE INDEX social_accounts_by_grantor ON social_accounts (login, grantor_id) WHERE grantor_id IS NOT NULL;

-- A login with several accounts waits for the person's choice, with the encrypted grant of each.
ALTER TABLE oauth_states
    ADD COLUMN login         text,
    ADD COLUMN sealed_grants bytea;
UPDATE oauth_states SET login = platform;
ALTER TABLE oauth_states
    ALTER COLUMN login SET NOT NULL,
    DROP CONSTRAINT oauth_states_status_check,
    ADD CONSTRAINT oauth_states_status_check CHECK (status IN ('pending', 'exchanging', 'choosing', 'connected', 'failed')),
    ADD CHECK ((status = 'choosing') = (sealed_grants IS NOT NULL));

-- A code that was sent to an operator's phone, as a keyed hash.
ALTER TABLE operators
    ADD COLUMN phone_code_hash       bytea,
    ADD COLUMN phone_code_sent_at    timestamptz,
    ADD COLUMN phone_code_expires_at timestamptz,
    ADD COLUMN phone_code_attempts   smallint NOT NULL DEFAULT 0;

-- Text messages that send content to a phone, outside of any post; in order within their notification.
CREATE TABLE text_messages (
    id              uuid PRIMARY KEY,
    notice_id       uuid NOT NULL,
    position        smallint NOT NULL,
    container_id    uuid NOT NULL REFERENCES content_containers,
    organization_id uuid NOT NULL,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    kind            text NOT NULL CHECK (kind IN ('media', 'caption', 'steps')),
    phone           text NOT NULL,
    body            text NOT NULL,
    has_link        boolean NOT NULL, -- to the page; the link and the reference that identifies the message are added when it is sent
    status          text NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'unknown')),
    provider_id     text UNIQUE,
    error           text,
    run_at          timestamptz NOT NULL,
    leased_by       text,
    leased_until    timestamptz,
    called_at       timestamptz,
    asked_since     timestamptz,
    missing_since   timestamptz,
    sent_at         timestamptz,
    faults          integer NOT NULL DEFAULT 0,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    UNIQUE (notice_id, position)
);
CREATE INDEX text_messages_due ON text_messages (run_at, id) WHERE status IN ('queued', 'sending');

-- Webhooks of platforms. Each is stored once, however often it arrives, and triggers a look-up at the platform.
CREATE TABLE platform_notices (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform            text NOT NULL,
    environment         text NOT NULL CHECK (environment IN ('live', 'test')),
    external_account_id text NOT NULL,
    event               text NOT NULL,
    reference           text,
    detail              text NOT NULL,
    body_hash           bytea NOT NULL,
    occurred_at         timestamptz NOT NULL,
    received_at         timestamptz NOT NULL,
    UNIQUE (platform, environment, body_hash)
);
CREATE INDEX platform_notices_by_account ON platform_notices (platform, environment, external_account_id, received_at, id);
CREATE INDEX platform_notices_by_age ON platform_notices (received_at);
