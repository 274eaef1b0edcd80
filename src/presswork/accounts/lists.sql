-- name: account()
-- Accounts with the facts that decide about managed distribution.
SELECT a.id, a.project_id, a.environment, a.platform, a.login, a.external_id, a.handle, a.display_name, a.avatar_url,
       a.status, a.scopes, a.token_expires_at, a.connected_at, a.disconnected_at, a.disconnected_reason, a.created_at,
       a.layer_id, l.template_id,
       EXISTS (SELECT FROM providers v WHERE v.environment = a.environment AND v.name = l.provider)
           OR (a.environment = 'test' AND l.provider = 'sandbox') AS is_provider_known
  FROM social_accounts a LEFT JOIN layers l ON l.id = a.layer_id

-- name: layer()
SELECT l.id, l.project_id, l.template_id, l.config::text AS config, l.created_at, l.updated_at,
       ARRAY(SELECT a.id FROM social_accounts a WHERE a.layer_id = l.id ORDER BY a.created_at, a.id)
           AS social_account_ids
  FROM layers l
