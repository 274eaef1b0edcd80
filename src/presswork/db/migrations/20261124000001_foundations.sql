-- migrate:up

-- Organizations, their operators and API keys. ----------------------------------------------------------------------

CREATE TABLE organizations (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name <> ''),
    created_at timestamptz NOT NULL
);

CREATE TABLE operators (
    id                uuid PRIMARY KEY,
    organization_id   uuid NOT NULL REFERENCES organizations,
    name              text NOT NULL CHECK (name <> ''),
    phone             text,
    phone_verified_at timestamptz,
    is_primary        boolean NOT NULL,
    created_at        timestamptz NOT NULL
);
CREATE UNIQUE INDEX operators_one_primary ON operators (organization_id) WHERE is_primary;
CREATE INDEX operators_by_organization ON operators (organization_id, id);

CREATE TABLE api_keys (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    lookup          text NOT NULL UNIQUE CHECK (lookup ~ '^[A-Z2-7]{16}$'),
    secret_hash     bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    name            text NOT NULL,
    scopes          text[] NOT NULL,
    tier            text NOT NULL CHECK (tier IN ('standard', 'pilot', 'partner', 'unlimited')),
    return_domains  text[] NOT NULL,
    operator_id     uuid REFERENCES operators,
    created_at      timestamptz NOT NULL,
    revoked_at      timestamptz,
    killed_at       timestamptz
);
CREATE INDEX api_keys_by_organization ON api_keys (organization_id, id);

-- Request counters of one minute each. UNLOGGED: losing them in a crash only resets the limits of one minute.
CREATE UNLOGGED TABLE rate_windows (
    key_id       uuid NOT NULL,
    class        text NOT NULL CHECK (class IN ('read', 'write')),
    window_start timestamptz NOT NULL,
    calls        integer NOT NULL,
    PRIMARY KEY (key_id, class)
);

CREATE TABLE idempotency_keys (
    key_id          uuid NOT NULL,
    route           text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint     bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    status          smallint NOT NULL,
    body            bytea NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (key_id, route, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Projects, accounts, content. Every row has organization and environment, so that one query decides visibility. -----

CREATE TABLE projects (
    id                   uuid PRIMARY KEY,
    organization_id      uuid NOT NULL REFERENCES organizations,
    environment          text NOT NULL CHECK (environment IN ('live', 'test')),
    name                 text NOT NULL,
    timezone             text NOT NULL,
    customer_external_id text,
    metadata             jsonb NOT NULL,
    status               text NOT NULL CHECK (status IN ('active', 'archived')),
    review_policy        text NOT NULL CHECK (review_policy IN ('auto_approve', 'review_first_n', 'review_all')),
    review_first_n       smallint CHECK (review_first_n BETWEEN 1 AND 50),
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    archived_at          timestamptz,
    CHECK ((review_policy = 'review_first_n') = (review_first_n IS NOT NULL)),
    CHECK ((status = 'archived') = (archived_at IS NOT NULL))
);
CREATE INDEX projects_by_tenant ON projects (organization_id, environment, created_at, id);

CREATE TABLE social_accounts (
    id                       uuid PRIMARY KEY,
    project_id               uuid NOT NULL REFERENCES projects,
    organization_id          uuid NOT NULL,
    environment              text NOT NULL CHECK (environment IN ('live', 'test')),
    platform                 text NOT NULL,
    external_id              text NOT NULL,
    handle                   text NOT NULL,
    display_name             text,
    avatar_url               text,
    status                   text NOT NULL CHECK (status IN ('connected', 'reauth_required', 'disconnected')),
    scopes                   text[] NOT NULL,
    sealed_tokens            bytea,
    token_expires_at         timestamptz,
    refresh_due_at           timestamptz,
    refresh_leased_until     timestamptz,
    connected_at             timestamptz NOT NULL,
    disconnected_at          timestamptz,
    disconnected_reason      text,
    created_at               timestamptz NOT NULL,
    updated_at               timestamptz NOT NULL,
    UNIQUE (project_id, platform, external_id),
    CHECK ((status = 'disconnected') = (disconnected_at IS NOT NULL)),
    CHECK (status = 'disconnected' OR sealed_tokens IS NOT NULL)
);
CREATE INDEX social_accounts_refresh_due ON social_accounts (refresh_due_at, id) WHERE status = 'connected';
CREATE INDEX social_accounts_by_project ON social_accounts (project_id, created_at, id);
CREATE INDEX social_accounts_by_external_id ON social_accounts (platform, external_id);

CREATE TABLE oauth_states (
    state             text PRIMARY KEY,
    key_id            uuid NOT NULL,
    organization_id   uuid NOT NULL,
    environment       text NOT NULL CHECK (environment IN ('live', 'test')),
    project_id        uuid NOT NULL REFERENCES projects,
    platform          text NOT NULL,
    return_url        text NOT NULL,
    usage_note        text,
    reauth_account_id uuid,
    status            text NOT NULL CHECK (status IN ('pending', 'exchanging', 'connected', 'failed')),
    social_account_id uuid,
    error_code        text,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    completed_at      timestamptz
);
CREATE INDEX oauth_states_by_age ON oauth_states (expires_at);

CREATE TABLE content_containers (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES projects,
    organization_id uuid NOT NULL,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    status          text NOT NULL CHECK (status IN ('queued', 'processing', 'completed', 'failed', 'canceled')),
    approval_status text NOT NULL CHECK (approval_status IN ('not_required', 'pending', 'approved', 'rejected')),
    media_type      text NOT NULL CHECK (media_type IN ('image', 'video', 'multi')),
    caption         text NOT NULL,
    first_comment   text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE INDEX content_containers_by_project ON content_containers (project_id, created_at, id);
CREATE INDEX content_containers_awaited ON content_containers (created_at, id) WHERE status = 'queued';
CREATE INDEX content_containers_decided ON content_containers (project_id) WHERE approval_status IN ('approved', 'rejected');

CREATE TABLE media_assets (
    id                    uuid PRIMARY KEY,
    container_id          uuid NOT NULL REFERENCES content_containers,
    organization_id       uuid NOT NULL,
    environment           text NOT NULL CHECK (environment IN ('live', 'test')),
    position              smallint NOT NULL CHECK (position BETWEEN 0 AND 9),
    object_key            text NOT NULL,
    filename              text,
    declared_content_type text,
    declared_size_bytes   bigint,
    content_type          text,
    size_bytes            bigint,
    sha256                text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    width                 integer,
    height                integer,
    duration_ms           bigint,
    video_codec           text,
    audio_codec           text,
    frame_rate            double precision,
    probe                 text,
    created_at            timestamptz NOT NULL,
    verified_at           timestamptz,
    UNIQUE (container_id, position),
    CHECK ((verified_at IS NULL) = (sha256 IS NULL)),
    CHECK ((verified_at IS NULL) = (probe IS NULL))
);

CREATE TABLE tiktok_tracks (
    id                uuid PRIMARY KEY,
    title             text NOT NULL,
    author            text,
    album             text,
    duration_seconds  double precision,
    preview_url       text,
    cover_url         text,
    language          text,
    user_count        bigint NOT NULL,
    is_commerce_music boolean NOT NULL,
    link              text,
    updated_at        timestamptz NOT NULL
);
CREATE INDEX tiktok_tracks_by_use ON tiktok_tracks (user_count DESC, id DESC);

-- Posts: each row is a job with its state and its latest event. -------------------------------------------------------

CREATE TABLE scheduled_posts (
    id                     uuid PRIMARY KEY,
    project_id             uuid NOT NULL,
    organization_id        uuid NOT NULL,
    environment            text NOT NULL CHECK (environment IN ('live', 'test')),
    container_id           uuid NOT NULL,
    social_account_id      uuid NOT NULL,
    platform               text NOT NULL,
    mode                   text NOT NULL CHECK (mode IN ('publish', 'draft', 'managed')),
    status                 text NOT NULL CHECK (status IN ('queued', 'publishing', 'published', 'draft', 'failed', 'canceled')),
    caption_override       text,
    first_comment_override text,
    tiktok_post_settings   text,
    tiktok_music           text,
    share_reel_to_feed     boolean,
    scheduled_for          timestamptz NOT NULL,
    run_at                 timestamptz NOT NULL,
    attempted_at           timestamptz,
    published_at           timestamptz,
    canceled_at            timestamptz,
    external_id            text,
    external_url           text,
    first_comment_status   text CHECK (first_comment_status IN ('posted', 'failed', 'unsupported')),
    last_error             text,
    leased_by              text,
    leased_until           timestamptz,
    live_call_at           timestamptz,
    live_at                timestamptz,
    platform_state         text NOT NULL,
    faults                 integer NOT NULL,
    faulty_since           timestamptz,
    faulty_at              timestamptz,
    version                bigint NOT NULL,
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    CHECK ((status = 'publishing') = (leased_until IS NOT NULL)),
    CHECK (live_at IS NULL OR live_call_at IS NOT NULL)
) WITH (fillfactor = 85);
CREATE INDEX scheduled_posts_due ON scheduled_posts (run_at, id) WHERE status = 'queued';
CREATE INDEX scheduled_posts_lanes ON scheduled_posts (social_account_id, run_at, id) WHERE status = 'queued';
CREATE INDEX scheduled_posts_leases ON scheduled_posts (leased_until, id) WHERE status = 'publishing';
-- One account is one lane: a unique index prevents a second post in progress.
CREATE UNIQUE INDEX scheduled_posts_one_at_work ON scheduled_posts (social_account_id) WHERE status = 'publishing';
CREATE INDEX scheduled_posts_by_project ON scheduled_posts (project_id, scheduled_for, id);
CREATE INDEX scheduled_posts_by_account ON scheduled_posts (social_account_id, scheduled_for, id);
CREATE INDEX scheduled_posts_by_container ON scheduled_posts (container_id, id);

CREATE TABLE post_events (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    post_id uuid NOT NULL,
    at      timestamptz NOT NULL,
    event   text NOT NULL,
    message text NOT NULL,
    detail  text NOT NULL,
    PRIMARY KEY (post_id, id)
);

-- Follow-ups of a live post (its URL, the first comment). They can't change its outcome.
CREATE TABLE post_follow_ups (
    post_id        uuid PRIMARY KEY,
    needs_location boolean NOT NULL,
    needs_comment  boolean NOT NULL,
    run_at         timestamptz NOT NULL,
    gives_up_at    timestamptz NOT NULL,
    attempts       integer NOT NULL
);
CREATE INDEX post_follow_ups_due ON post_follow_ups (run_at, post_id);

-- Media URLs for one attempt of one post. They can be revoked until they are fetched.
CREATE TABLE media_grants (
    id           uuid PRIMARY KEY,
    post_id      uuid NOT NULL,
    object_key   text NOT NULL,
    expires_at   timestamptz NOT NULL,
    fetched_at   timestamptz,
    withdrawn_at timestamptz
);
CREATE INDEX media_grants_by_post ON media_grants (post_id);
CREATE INDEX media_grants_by_age ON media_grants (expires_at);

CREATE TABLE workers (
    id         text PRIMARY KEY,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL
);
