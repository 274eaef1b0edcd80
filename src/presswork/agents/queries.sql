-- name: insert_client(id, name, redirect_uris, now)
INSERT INTO oauth_clients (id, name, redirect_uris, created_at) VALUES ($1, $2, $3, $4);

-- name: find_client(id)
SELECT id, name, redirect_uris, created_at FROM oauth_clients WHERE id = $1;

-- name: insert_grant(id, client, user, environment, scopes, resource, now, expires_at)
INSERT INTO oauth_grants (id, client_id, user_id, environment, scopes, resource, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: insert_token(token_hash, grant, kind, challenge, redirect_uri, expires_at)
INSERT INTO oauth_tokens (token_hash, grant_id, kind, challenge, redirect_uri, expires_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: lock_token(token_hash, kind)
-- The grant is locked first, so that of two exchanges of one token the second sees the first.
SELECT t.grant_id, t.challenge, t.redirect_uri, t.expires_at, t.used_at, g.client_id, g.scopes, g.resource,
       g.expires_at AS grant_expires_at, u.accepted_at IS NOT NULL AND u.disabled_at IS NULL AS may_sign_in
  FROM oauth_tokens t JOIN oauth_grants g ON g.id = t.grant_id JOIN users u ON u.id = g.user_id
 WHERE t.token_hash = $1 AND t.kind = $2
   FOR NO KEY UPDATE OF t, g;

-- name: use_token(token_hash, now)
UPDATE oauth_tokens SET used_at = $2 WHERE token_hash = $1;

-- name: drop_access_tokens(grant)
DELETE FROM oauth_tokens WHERE grant_id = $1 AND kind = 'access';

-- name: find_access(token_hash, now)
-- plan: generic
-- What each request with an access token reads: for users that may sign in.
SELECT g.id AS grant_id, c.id AS client_id, c.name AS client_name, g.environment, g.scopes, g.last_used_at,
       u.id AS user_id, coalesce(nullif(u.name, ''), u.email) AS user_name, u.organization_id, u.role,
       u.project_ids
  FROM oauth_tokens t JOIN oauth_grants g ON g.id = t.grant_id JOIN oauth_clients c ON c.id = g.client_id
  JOIN users u ON u.id = g.user_id
 WHERE t.token_hash = $1 AND t.kind = 'access' AND t.expires_at > $2 AND g.expires_at > $2
   AND u.accepted_at IS NOT NULL AND u.disabled_at IS NULL
 LIMIT 1;

-- name: record_use(grant, now)
UPDATE oauth_grants SET last_used_at = $2 WHERE id = $1;

-- name: list_grants(user, organization, now, after_at, after_id, limit)
SELECT g.id, c.name AS client_name, g.user_id, g.environment, g.scopes, g.created_at, g.last_used_at, g.expires_at
  FROM oauth_grants g JOIN oauth_clients c ON c.id = g.client_id JOIN users u ON u.id = g.user_id
 WHERE g.user_id = $1 AND u.organization_id = $2 AND g.expires_at > $3 AND (g.created_at, g.id) > ($4, $5)
 ORDER BY g.created_at, g.id LIMIT $6;

-- name: user_of_grant(id, organization, now)
SELECT g.user_id FROM oauth_grants g JOIN users u ON u.id = g.user_id
 WHERE g.id = $1 AND u.organization_id = $2 AND g.expires_at > $3;

-- name: drop_grant(id)
DELETE FROM oauth_grants g USING oauth_clients c, users u
 WHERE g.id = $1 AND c.id = g.client_id AND u.id = g.user_id
RETURNING g.id, g.user_id, g.environment, c.name AS client_name, u.organization_id,
          coalesce(nullif(u.name, ''), u.email) AS user_name;

-- name: grant_of_token(token_hash)
SELECT t.grant_id, g.client_id, g.user_id FROM oauth_tokens t JOIN oauth_grants g ON g.id = t.grant_id
 WHERE t.token_hash = $1;

-- name: sweep_tokens(expired_before, limit)
DELETE FROM oauth_tokens WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM oauth_tokens WHERE expires_at < $1 ORDER BY expires_at, token_hash LIMIT $2
       FOR UPDATE SKIP LOCKED));

-- name: sweep_grants(expired_before, limit)
DELETE FROM oauth_grants WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM oauth_grants WHERE expires_at < $1 ORDER BY expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED));

-- name: sweep_clients(created_before, limit)
DELETE FROM oauth_clients WHERE ctid = ANY(ARRAY(
    SELECT c.ctid FROM oauth_clients c
     WHERE c.created_at < $1 AND NOT EXISTS (SELECT FROM oauth_grants g WHERE g.client_id = c.id)
     ORDER BY c.created_at, c.id LIMIT $2 FOR UPDATE SKIP LOCKED));
