-- name: app()
SELECT a.id, a.login, a.name, a.client_id_hint, a.created_at, a.updated_at, a.check_result, a.check_message, a.checked_at,
       CASE WHEN NOT EXISTS (SELECT FROM platform_app_places p WHERE p.app_id = a.id AND p.project_id IS NULL)
            THEN ARRAY(SELECT p.project_id FROM platform_app_places p WHERE p.app_id = a.id ORDER BY p.project_id)
            END AS project_ids,
       (SELECT count(*) FROM social_accounts s
         WHERE s.app_id = a.id AND s.status IN ('connected', 'reauth_required')) AS account_count
  FROM platform_apps a
