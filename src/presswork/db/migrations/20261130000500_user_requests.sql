-- migrate:up

-- Requests that people made at a platform: to end this service's access, or to delete their data. `digest` is the
-- SHA-256 of what the platform signed, by which a repetition is recognized. No row says who the person is.
CREATE TABLE user_requests (
    id                uuid PRIMARY KEY,
    kind              text NOT NULL CHECK (kind IN ('deauthorize', 'delete')),
    login             text NOT NULL,
    environment       text NOT NULL CHECK (environment IN ('live', 'test')),
    digest            bytea NOT NULL CHECK (octet_length(digest) = 32),
    confirmation_code text UNIQUE,
    issued_at         timestamptz NOT NULL,
    received_at       timestamptz NOT NULL,
    accounts          integer NOT NULL DEFAULT 0,
    canceled_posts    integer NOT NULL DEFAULT 0,
    UNIQUE (digest, kind, login, environment),
    CHECK ((kind = 'delete') = (confirmation_code IS NOT NULL))
);
CREATE INDEX user_requests_by_age ON user_requests (kind, received_at);

-- Who did it may be a platform, on a person's request.
ALTER TABLE audit_log
    DROP CONSTRAINT audit_log_actor_check,
    ADD CONSTRAINT audit_log_actor_check CHECK (
        actor IN ('api_key', 'user', 'review_link', 'connect_link', 'tiktok_post_link', 'command_line', 'worker',
                  'platform')
    ) NOT VALID;
