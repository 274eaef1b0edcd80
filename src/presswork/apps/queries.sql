-- name: stored_apps()
SELECT login, sealed_credentials, client_id_hint, updated_at FROM platform_credentials ORDER BY login LIMIT 100;

-- name: store_app(login, sealed, hint, now)
INSERT INTO platform_credentials (login, sealed_credentials, client_id_hint, updated_at)
VALUES ($1, $2, $3, coalesce($4, now()))
ON CONFLICT (login) DO UPDATE SET sealed_credentials = excluded.sealed_credentials,
    client_id_hint = excluded.client_id_hint, updated_at = excluded.updated_at;

-- name: remove_app(login)
DELETE FROM platform_credentials WHERE login = $1 RETURNING login;

-- name: stored_setting(name)
SELECT value, updated_at FROM stored_settings WHERE name = $1;

-- name: store_setting(name, value, now)
INSERT INTO stored_settings (name, value, updated_at) VALUES ($1, $2, coalesce($3, now()))
ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at;

-- name: remove_setting(name)
DELETE FROM stored_settings WHERE name = $1 RETURNING name;
