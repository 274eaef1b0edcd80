-- name: count_call(key, class, now, window_seconds)
-- A request in the current window increments it; a later one starts the next window. One row lock, one round trip.
-- A window that begins more than one window length in the future is from before the clock was set back: it is replaced.
INSERT INTO rate_windows AS w (key_id, class, window_start, calls) VALUES ($1, $2, $3, 1)
ON CONFLICT (key_id, class) DO UPDATE SET
    calls = CASE WHEN $3 - w.window_start < make_interval(secs => $4)
                  AND w.window_start - $3 < make_interval(secs => $4) THEN w.calls + 1 ELSE 1 END,
    window_start = CASE WHEN $3 - w.window_start < make_interval(secs => $4)
                         AND w.window_start - $3 < make_interval(secs => $4) THEN w.window_start ELSE $3 END
RETURNING window_start, calls;

-- name: find_key(lookup)
-- plan: generic
SELECT id, organization_id, environment, secret_hash, scopes, tier, return_domains, operator_id, revoked_at, killed_at,
       last_used_at,
       EXISTS (SELECT FROM event_listeners e
                WHERE e.organization_id = k.organization_id AND e.environment = k.environment
                  AND NOT e.is_for_people) AS has_endpoints
  FROM api_keys k WHERE lookup = $1;

-- name: record_use(id, now)
-- Skipped if the row is locked: the next request records the use. A recorded use in the future is from before the clock
-- was set back.
UPDATE api_keys SET last_used_at = $2::timestamptz
 WHERE id = (SELECT id FROM api_keys
              WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2::timestamptz - interval '1 minute'
                                 OR last_used_at > $2)
                FOR NO KEY UPDATE SKIP LOCKED);

-- name: insert_organization(id, name, now)
INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO NOTHING RETURNING id;

-- name: find_organization(name)
SELECT id, name, created_at FROM organizations WHERE name = $1;

-- name: list_organizations()
SELECT o.id, o.name, o.created_at,
       (SELECT count(*) FROM projects p WHERE p.organization_id = o.id) AS projects,
       (SELECT count(*) FROM api_keys k WHERE k.organization_id = o.id AND k.revoked_at IS NULL) AS keys
  FROM organizations o ORDER BY o.created_at, o.id;

-- name: primary_operator(organization)
SELECT id FROM operators WHERE organization_id = $1 AND is_primary;

-- name: operator_in_organization(operator, organization)
SELECT id FROM operators WHERE id = $1 AND organization_id = $2;

-- name: list_keys(organization_name)
SELECT k.id, k.lookup, k.name, o.name AS organization, k.environment, k.scopes, k.tier, k.return_domains,
       k.created_at, k.last_used_at, k.revoked_at, k.killed_at
  FROM api_keys k JOIN organizations o ON o.id = k.organization_id
 WHERE $1::text IS NULL OR o.name = $1
 ORDER BY k.created_at, k.id;
