-- migrate:up

-- Credentials of the operator's apps at the platforms, of installations that do not set them in the environment.
-- One row per login; the document is encrypted, the hint is the end of the app's ID.
CREATE TABLE platform_credentials (
    login              text PRIMARY KEY,
    sealed_credentials bytea NOT NULL,
    client_id_hint     text NOT NULL,
    updated_at         timestamptz NOT NULL
);

-- The last answer of each platform to the credentials that were in use then.
CREATE TABLE app_checks (
    login          text PRIMARY KEY,
    source         text NOT NULL CHECK (source IN ('environment', 'stored')),
    client_id_hint text NOT NULL,
    result         text NOT NULL CHECK (result IN ('accepted', 'refused', 'unreachable', 'unsupported')),
    message        text NOT NULL,
    checked_at     timestamptz NOT NULL
);

-- The last run of the checks of this installation, and the lease of the process that runs them now: one row at most.
CREATE TABLE system_checks (
    is_only       boolean PRIMARY KEY CHECK (is_only),
    run_id        uuid,
    running_until timestamptz,
    started_at    timestamptz,
    finished_at   timestamptz,
    host          text,
    findings      text,
    media_files   bigint,
    media_bytes   bigint
);

-- Backups that `presswork backup` has written, for the date of the last one. Old rows are deleted with each new one.
CREATE TABLE backups (
    id          uuid PRIMARY KEY,
    taken_at    timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    file        text NOT NULL,
    host        text NOT NULL,
    size_bytes  bigint NOT NULL,
    has_keys    boolean NOT NULL,
    media       text NOT NULL
);
CREATE INDEX backups_by_age ON backups (taken_at, id);

-- What a worker reports with its heartbeat. NULL: it runs an older version.
ALTER TABLE workers ADD COLUMN version text, ADD COLUMN posts_in_progress integer, ADD COLUMN concurrency integer;

-- The first organization is that of the people who run the installation.
CREATE INDEX organizations_by_age ON organizations (created_at, id);
