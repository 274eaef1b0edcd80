-- migrate:up

-- Programs that registered to act for users through /mcp (RFC 7591). All are public clients: none has a secret.
CREATE TABLE oauth_clients (
    id            uuid PRIMARY KEY,
    name          text NOT NULL,
    redirect_uris text[] NOT NULL CHECK (cardinality(redirect_uris) BETWEEN 1 AND 10),
    created_at    timestamptz NOT NULL
);
CREATE INDEX oauth_clients_by_age ON oauth_clients (created_at, id);

-- What a user allowed a client: the family of its tokens. A revoked grant has no row, and neither have its tokens.
CREATE TABLE oauth_grants (
    id           uuid PRIMARY KEY,
    client_id    uuid NOT NULL REFERENCES oauth_clients,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    environment  text NOT NULL CHECK (environment IN ('live', 'test')),
    scopes       text[] NOT NULL,
    resource     text NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX oauth_grants_by_client ON oauth_grants (client_id);
CREATE INDEX oauth_grants_by_user ON oauth_grants (user_id, created_at, id);
CREATE INDEX oauth_grants_by_end ON oauth_grants (expires_at, id);

-- Authorization codes, access tokens and refresh tokens: only their hashes. `used_at`: of a code or refresh token that
-- was exchanged; it is kept so that its second use is noticed.
CREATE TABLE oauth_tokens (
    token_hash   bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    grant_id     uuid NOT NULL REFERENCES oauth_grants ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('code', 'access', 'refresh')),
    challenge    text,
    redirect_uri text,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    CHECK ((kind = 'code') = (challenge IS NOT NULL AND redirect_uri IS NOT NULL))
);
CREATE INDEX oauth_tokens_by_grant ON oauth_tokens (grant_id);
CREATE INDEX oauth_tokens_by_end ON oauth_tokens (expires_at, token_hash);
