-- name: app()
SELECT a.id, a.login, a.name, a.client_id_hint, a.created_at, a.updated_at,
       a.check_result, a.check_message, a.checked_at,
       CASE WHEN NOT EXISTS (SELECT FROM platform_app_places p WHERE p.app_id = a.id AND p.project_id IS NULL)
            THEN ARRAY(SELECT p.project_id FROM platform_app_places p WHERE p.app_id = a.id ORDER BY p.project_id)
            END AS project_ids,
       (SELECT count(*) FROM social_accounts s
         WHERE s.app_id = a.id AND s.status IN ('connected', 'reauth_required')) AS account_count
  FROM platform_apps a

-- name: used_app(account, owner)
-- Joins `used.app_id`: the customer's app that a login of an account would use now, NULL for the installation's.
-- `owner` is the app's first login. The app of the project comes before that of the organization.
  LEFT JOIN platform_app_places own ON own.project_id = {account}.project_id AND own.login = {owner}
  LEFT JOIN platform_app_places whole
         ON whole.organization_id = {account}.organization_id AND whole.environment = {account}.environment
        AND whole.login = {owner} AND whole.project_id IS NULL
 CROSS JOIN LATERAL (SELECT coalesce(own.app_id, whole.app_id) AS app_id) used
