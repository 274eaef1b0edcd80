-- migrate:up
-- Who must have a second factor. The checks of small tables only: organizations, and sessions without a scan.
ALTER TABLE organizations
    ADD COLUMN second_factor text NOT NULL DEFAULT 'off' CHECK (second_factor IN ('off', 'admins', 'everyone'));

-- `confirmed_at`: when the person last proved who it is. NULL: before this was recorded, or the provider did not say.
ALTER TABLE sessions
    ADD COLUMN confirmed_at timestamptz,
    DROP CONSTRAINT sessions_method_check,
    ADD CONSTRAINT sessions_method_check CHECK (method IN ('password', 'oidc', 'link', 'passkey')) NOT VALID;

-- The authenticator app of a person. A new secret stands beside the one in use until a code of it is sent.
CREATE TABLE totp_factors (
    user_id           uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    sealed_secret     bytea,
    confirmed_at      timestamptz,
    last_step         bigint NOT NULL DEFAULT 0, -- of the code that was used last: each serves once
    sealed_new_secret bytea,
    new_secret_at     timestamptz,
    CHECK ((sealed_secret IS NULL) = (confirmed_at IS NULL)),
    CHECK ((sealed_new_secret IS NULL) = (new_secret_at IS NULL))
);
CREATE INDEX totp_factors_by_seal ON totp_factors (substring(sealed_secret FROM 1 FOR 20))
 WHERE sealed_secret IS NOT NULL;

CREATE TABLE recovery_codes (
    user_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    used_at   timestamptz,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE passkeys (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    credential_id bytea NOT NULL UNIQUE,
    public_key    bytea NOT NULL,
    sign_count    bigint NOT NULL,
    transports    text[] NOT NULL,
    name          text NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz
);
CREATE INDEX passkeys_by_user ON passkeys (user_id, created_at, id);

-- What an authenticator is asked to sign, once. Without a user: a sign-in with a passkey alone.
CREATE TABLE passkey_challenges (
    challenge  bytea PRIMARY KEY CHECK (octet_length(challenge) = 32),
    purpose    text NOT NULL CHECK (purpose IN ('add', 'sign_in', 'confirm')),
    user_id    uuid REFERENCES users ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_by_user ON passkey_challenges (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX passkey_challenges_by_age ON passkey_challenges (expires_at);

-- Sign-ins whose first step succeeded. Their token is no session: it serves for the second step alone.
CREATE TABLE pending_sign_ins (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash  bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    method      text NOT NULL CHECK (method IN ('password', 'oidc', 'link')),
    next_step   text NOT NULL CHECK (next_step IN ('second_factor', 'set_up_second_factor')),
    return_path text, -- of the page where the sign-in began, on this server; NULL: the console
    expires_at  timestamptz NOT NULL
);
CREATE INDEX pending_sign_ins_by_user ON pending_sign_ins (user_id);
CREATE INDEX pending_sign_ins_by_age ON pending_sign_ins (expires_at);

-- migrate:down
DROP TABLE pending_sign_ins;
DROP TABLE passkey_challenges;
DROP TABLE passkeys;
DROP TABLE recovery_codes;
DROP TABLE totp_factors;
DELETE FROM sessions WHERE method = 'passkey';
ALTER TABLE sessions
    DROP COLUMN confirmed_at,
    DROP CONSTRAINT sessions_method_check,
    ADD CONSTRAINT sessions_method_check CHECK (method IN ('password', 'oidc', 'link')) NOT VALID;
ALTER TABLE organizations DROP COLUMN second_factor;
