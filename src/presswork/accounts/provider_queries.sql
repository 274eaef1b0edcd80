-- name: insert_provider(environment, name, base_url, sealed_secret, now)
INSERT INTO providers (environment, name, base_url, sealed_secret, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING RETURNING true;

-- name: list_providers(environment, limit)
SELECT v.environment, v.name, v.base_url, v.former_until, v.created_at, v.updated_at,
       (SELECT count(*) FROM layers l WHERE l.environment = v.environment AND l.provider = v.name) AS layers
  FROM providers v WHERE $1::text IS NULL OR v.environment = $1
 ORDER BY v.environment, v.name LIMIT $2;

-- name: provider_secrets(limit)
SELECT environment, name AS provider, base_url, sealed_secret, former_secret, former_until FROM providers
 ORDER BY environment, name LIMIT $1;

-- name: posts_with_provider(environment, name)
-- Dispatched to the provider, or about to be, and not ended.
SELECT count(*) FROM scheduled_posts
 WHERE status = 'publishing' AND environment = $1 AND mode = 'managed'
   AND coalesce(platform_state::json #>> '{prepared,provider}',
                platform_state::json #>> '{keep_dispatch,provider}') = $2;

-- name: delete_provider(environment, name)
DELETE FROM providers WHERE environment = $1 AND name = $2 RETURNING true;

-- name: lock_provider(environment, name)
SELECT base_url, sealed_secret FROM providers WHERE environment = $1 AND name = $2 FOR NO KEY UPDATE;

-- name: change_secret(environment, name, sealed_secret, former_secret, former_until, now)
UPDATE providers SET sealed_secret = $3, former_secret = $4, former_until = $5, updated_at = $6
 WHERE environment = $1 AND name = $2;

-- name: provider_of_post(post)
-- The provider that has a managed post, as its worker recorded it.
SELECT p.environment, p.status, h.provider AS recorded_provider,
       (p.platform_state::json ->> 'sequence')::bigint AS sequence,
       v.name AS provider, v.base_url, v.sealed_secret, v.former_secret, v.former_until
  FROM scheduled_posts p
 CROSS JOIN LATERAL (
       SELECT coalesce(p.platform_state::json #>> '{prepared,provider}',
                       p.platform_state::json #>> '{keep_dispatch,provider}')
           AS provider) h
  LEFT JOIN providers v ON v.environment = p.environment AND v.name = h.provider
 WHERE p.id = $1 AND p.mode = 'managed' AND h.provider IS NOT NULL;
