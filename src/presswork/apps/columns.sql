-- name: app()
SELECT a.id, a.login, a.name, a.client_id_hint, a.created_at, a.updated_at,
       CASE WHEN NOT EXISTS (SELECT FROM platform_app_places p WHERE p.app_id = a.id AND p.project_id IS NULL)
            THEN ARRAY(SELECT p.project_id FROM platform_app_places p WHERE p.app_id = a.id ORDER BY p.project_id)
            END AS project_ids,
       (SELECT count(*) FROM social_accounts s
         WHERE s.app_id = a.id AND s.status IN ('connected', 'reauth_required')) AS account_count
  FROM platform_apps a

-- name: used_app(account, owner)
-- The customer's app that a login of an account would use now, NULL for the installation's; `owner` is the app's first
-- login. The app of the project comes before that of the organization.
       coalesce((SELECT p.app_id FROM platform_app_places p
                  WHERE p.project_id = {account}.project_id AND p.login = {owner}),
                (SELECT p.app_id FROM platform_app_places p
                  WHERE p.organization_id = {account}.organization_id AND p.environment = {account}.environment
                    AND p.login = {owner} AND p.project_id IS NULL)) AS app_id
