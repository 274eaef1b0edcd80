-- name: project()
id, organization_id, environment, name, timezone, customer_external_id, metadata,
       profile ->> 'ownerEmail' AS owner_email, profile ->> 'primaryLanguage' AS primary_language,
       profile ->> 'appName' AS app_name, profile ->> 'appDescription' AS app_description, branding,
       fill::text AS fill, budgets::text AS budgets, status,
       coalesce(review_links_by_key, review_links_by_user) IS NOT NULL AS review_links, review_links_by_key,
       review_links_by_user, review_policy, review_first_n, review_covers, review_steps, review_reminder,
       review_updated_at, created_at, updated_at, archived_at

-- name: projects(beyond, direction)
-- A page of projects; $5 and $6 are its start (exclusive); $8 are the projects of a caller who sees only some.
SELECT
-- include: presswork.projects lists.sql project()
  FROM projects
 WHERE organization_id = $1 AND environment = $2
   AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR customer_external_id = $4)
   AND (created_at, id) {beyond} ($5, $6) AND ($8::uuid[] IS NULL OR id = ANY($8))
 ORDER BY created_at {direction}, id {direction} LIMIT $7
