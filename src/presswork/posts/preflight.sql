-- name: containers(organization, environment, ids, limit)
-- With the probed media, in order.
SELECT c.id, c.project_id, c.status, c.approval_status, c.media_type, p.status AS project_status, c.caption,
       c.first_comment, c.link, c.parts, c.is_covered, c.approved_overrides, p.fill::text AS fill,
       p.budgets::text AS budgets,
       c.media_removed_at IS NOT NULL AS is_media_removed,
       (
-- include: presswork.posts parts.sql probed_media(c.id)
       )::text AS media
  FROM content_containers c JOIN projects p ON p.id = c.project_id
 WHERE c.id = ANY($3::uuid[]) AND c.organization_id = $1 AND c.environment = $2 ORDER BY c.id LIMIT $4;

-- name: spent(project, month)
SELECT (
-- include: presswork.posts parts.sql spent($1, $2, true)
)::text;

-- name: accounts(organization, environment, ids, limit, logins)
SELECT a.id, a.project_id, a.login, a.status, a.scopes, a.external_id, a.handle, a.sealed_tokens,
       a.reduced_privacy, a.app_id, l.template_id,
       EXISTS (SELECT FROM providers v WHERE v.environment = a.environment AND v.name = l.provider)
           OR (a.environment = 'test' AND l.provider = 'sandbox') AS is_provider_known
  FROM social_accounts a LEFT JOIN layers l ON l.id = a.layer_id
 WHERE a.id = ANY($3::uuid[]) AND a.organization_id = $1 AND a.environment = $2
   AND a.login = ANY($5::text[]) ORDER BY a.id LIMIT $4;

-- name: existing_ids(ids, limit)
-- Which of the ids that the caller chose exist, in any organization.
SELECT id FROM scheduled_posts WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT $2;

-- name: tracks(ids, limit, environment)
SELECT id FROM tiktok_tracks WHERE id = ANY($1::uuid[]) AND (NOT is_sample OR $3 = 'test') ORDER BY id LIMIT $2;

-- name: has_operator_phone(organization, environment)
SELECT
-- include: presswork.posts parts.sql has_operator_phone($1, $2)
;

-- name: named_accounts(organization, environment, project, handles, limit, logins)
-- The accounts of a project that a table of posts names by their handles.
SELECT id, platform, handle FROM social_accounts
 WHERE project_id = $3 AND organization_id = $1 AND environment = $2 AND status <> 'disconnected'
   AND login = ANY($6::text[]) AND lower(handle) = ANY($4::text[]) ORDER BY id LIMIT $5;

-- name: lock_containers(organization, environment, ids, limit)
-- In the order of their ids, so that two imports do not wait for each other.
SELECT id FROM content_containers WHERE id = ANY($3::uuid[]) AND organization_id = $1 AND environment = $2
 ORDER BY id LIMIT $4 FOR NO KEY UPDATE;
