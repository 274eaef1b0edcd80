-- migrate:up

-- The PKCE verifier of a login, encrypted. NULL: an older version began the login, without PKCE, or the login has ended.
ALTER TABLE oauth_states ADD COLUMN sealed_verifier bytea;
