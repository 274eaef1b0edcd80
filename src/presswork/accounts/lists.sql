-- name: account()
-- Accounts with the facts that decide about managed distribution.
SELECT a.id, a.project_id, a.environment, a.platform, a.login, a.external_id, a.handle, a.display_name, a.avatar_url,
       a.status, a.scopes, a.token_expires_at, a.token_refreshed_at, a.connected_at, a.disconnected_at,
       a.disconnected_reason, a.created_at, a.connect_link_id,
       a.app_id, a.layer_id, l.template_id,
       EXISTS (SELECT FROM providers v WHERE v.environment = a.environment AND v.name = l.provider)
           OR (a.environment = 'test' AND l.provider = 'sandbox') AS is_provider_known
  FROM social_accounts a LEFT JOIN layers l ON l.id = a.layer_id

-- name: layer()
SELECT l.id, l.project_id, l.template_id, l.config::text AS config, l.created_at, l.updated_at,
       ARRAY(SELECT a.id FROM social_accounts a WHERE a.layer_id = l.id ORDER BY a.created_at, a.id)
           AS social_account_ids
  FROM layers l

-- name: beginner()
-- Who began the login `s`, a key or a user, and whether it may still connect an account of the project.
(SELECT k.operator_id FROM api_keys k WHERE k.id = s.key_id) AS operator_id,
       (SELECT coalesce(nullif(u.name, ''), u.email) FROM users u WHERE u.id = s.key_id) AS user_name,
       EXISTS (SELECT FROM api_keys k WHERE k.id = s.key_id AND k.revoked_at IS NULL AND k.killed_at IS NULL)
       OR EXISTS (SELECT FROM users u WHERE u.id = s.key_id AND u.accepted_at IS NOT NULL AND u.disabled_at IS NULL
                     AND u.role IN ('publisher', 'admin')
                     AND (u.project_ids IS NULL OR s.project_id = ANY(u.project_ids))) AS is_caller_valid

-- name: found()
-- Of the CTE `candidate`, a page of the accounts that match $7, a JSON object of filters (db/found_page.py).
, page AS MATERIALIZED (
    SELECT d.created_at, d.id
      FROM json_to_record($7::json) AS f(projects uuid[], statuses text[], platforms text[], text text, handle text)
     CROSS JOIN (SELECT created_at, id FROM candidate ORDER BY created_at, id OFFSET 0) d
     CROSS JOIN LATERAL (
           SELECT organization_id, environment, project_id, status, platform, handle, display_name FROM social_accounts
            WHERE id = d.id LIMIT 1) a
     WHERE a.organization_id = $1 AND a.environment = $2
       AND (f.projects IS NULL OR a.project_id = ANY(f.projects))
       AND (f.statuses IS NULL OR a.status = ANY(f.statuses))
       AND (f.platforms IS NULL OR a.platform = ANY(f.platforms))
       AND (f.text IS NULL OR position(lower(f.handle) IN lower(a.handle)) > 0
            OR position(lower(f.text) IN lower(a.display_name)) > 0)
     ORDER BY d.created_at, d.id LIMIT $6
)
SELECT n.scanned, l.created_at AS last_at, l.id AS last_id, a.*
  FROM (SELECT count(*) AS scanned FROM candidate) n
  LEFT JOIN (SELECT created_at, id FROM candidate ORDER BY created_at DESC, id DESC LIMIT 1) l ON true
  LEFT JOIN page p ON true
  LEFT JOIN LATERAL (
-- include: presswork.accounts lists.sql account()
  WHERE a.id = p.id LIMIT 1) a ON true
 ORDER BY a.created_at, a.id

-- name: connected_handles(login)
-- The handles of the accounts that a login has connected.
       ARRAY(SELECT a.handle FROM social_accounts a
              WHERE a.id = ANY({login}.social_account_id || {login}.further_account_ids)
              ORDER BY lower(a.handle), a.id LIMIT 1000) AS handles
