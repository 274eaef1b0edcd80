-- name: newest_seals(limit)
-- Newest first, by their ids, which are ordered by time.
SELECT sealed_tokens FROM social_accounts WHERE status = 'connected' AND sealed_tokens IS NOT NULL ORDER BY id DESC
       LIMIT $1;

-- name: newest_media(limit)
SELECT object_key FROM media_assets WHERE verified_at IS NOT NULL ORDER BY id DESC LIMIT $1;

-- name: stored_apps()
SELECT login, sealed_credentials, client_id_hint, updated_at FROM platform_credentials ORDER BY login LIMIT 100;

-- name: store_app(login, sealed, hint, now)
INSERT INTO platform_credentials (login, sealed_credentials, client_id_hint, updated_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (login) DO UPDATE SET sealed_credentials = excluded.sealed_credentials,
    client_id_hint = excluded.client_id_hint, updated_at = excluded.updated_at;

-- name: remove_app(login)
DELETE FROM platform_credentials WHERE login = $1 RETURNING login;
