-- name: read_usage(organization, environment, since, until, group_by, projects, limit)
-- The amounts of the days from `since` until before `until`, by project, day or platform. Of what there is at a time
-- (accounts, bytes, seats), what was before `since` has the day before it.
SELECT CASE $5::text WHEN 'project' THEN project_id END AS project_id,
       CASE $5::text WHEN 'day' THEN greatest(day, $3::date - 1) END AS day,
       CASE $5::text WHEN 'platform' THEN platform END AS platform,
       kind, sum(amount)::bigint AS amount
  FROM usage_entries
 WHERE organization_id = $1 AND environment IN ($2, 'both') AND day < $4::date
   AND (day >= $3::date OR kind IN ('accounts', 'media_bytes', 'seats'))
   AND ($6::uuid[] IS NULL OR project_id = ANY($6::uuid[]))
 GROUP BY 1, 2, 3, 4 ORDER BY 1 NULLS LAST, 2, 3 NULLS LAST, 4 LIMIT $7;

-- name: add_calls(organizations, environments, days, calls)
INSERT INTO usage_entries (organization_id, environment, day, kind, amount)
SELECT c.organization_id, c.environment, c.day, 'api_calls', c.calls
  FROM unnest($1::uuid[], $2::text[], $3::date[], $4::bigint[]) AS c(organization_id, environment, day, calls);

-- name: merge_usage(limit)
-- Add up entries that were not merged, with what was merged before of the same day, project, platform and kind. The sum
-- is the same before and after; two workers that merge at the same time leave two rows.
WITH taken AS (
    DELETE FROM usage_entries WHERE id = ANY(ARRAY(
        SELECT id FROM usage_entries WHERE NOT is_merged ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
       AND NOT is_merged
    RETURNING organization_id, environment, day, project_id, platform, kind, amount
), place AS MATERIALIZED (
    SELECT DISTINCT organization_id, environment, day, project_id, platform, kind FROM taken
), merged AS (
    DELETE FROM usage_entries e USING place p
     WHERE e.organization_id = p.organization_id AND e.environment = p.environment AND e.day = p.day
       AND e.project_id IS NOT DISTINCT FROM p.project_id AND e.platform IS NOT DISTINCT FROM p.platform
       AND e.kind = p.kind AND e.is_merged
    RETURNING e.organization_id, e.environment, e.day, e.project_id, e.platform, e.kind, e.amount
), total AS (
    INSERT INTO usage_entries (organization_id, environment, day, project_id, platform, kind, amount, is_merged)
    SELECT organization_id, environment, day, project_id, platform, kind, sum(amount), true
      FROM (SELECT * FROM taken UNION ALL SELECT * FROM merged) e
     GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT count(*) FROM taken;

-- name: lock_limits(organization)
-- Waits for the transactions that have made rows under the former limits (share_limits in the migrations).
SELECT pg_advisory_xact_lock(hashtextextended('limits ' || $1::uuid, 0));

-- name: find_limits(organization)
SELECT projects, accounts, posts_per_month, queued, media_bytes, users, keys
  FROM organization_limits WHERE organization_id = $1;

-- name: set_limits(organization, projects, accounts, posts_per_month, queued, media_bytes, users, keys, now)
INSERT INTO organization_limits (organization_id, projects, accounts, posts_per_month, queued, media_bytes, users,
                                 keys, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (organization_id) DO UPDATE
   SET projects = excluded.projects, accounts = excluded.accounts, posts_per_month = excluded.posts_per_month,
       queued = excluded.queued, media_bytes = excluded.media_bytes, users = excluded.users, keys = excluded.keys,
       updated_at = excluded.updated_at;

-- name: count_month(organization, month)
-- The posts that were created in a month before their number had a limit. A post is never due long before it was
-- created, so that those of former months are left out by the index.
INSERT INTO post_months AS m (organization_id, environment, month, posts)
SELECT $1, e.environment, $2::date, (
           SELECT count(*) FROM scheduled_posts p
            WHERE p.organization_id = $1 AND p.environment = e.environment
              AND p.status IN ('queued', 'publishing', 'published', 'draft', 'failed', 'canceled')
              AND p.scheduled_for >= ($2::date::timestamp AT TIME ZONE 'UTC') - interval '1 day'
              AND utc_month(p.created_at) = $2::date)
  FROM (VALUES ('live'), ('test')) AS e(environment)
ON CONFLICT (organization_id, environment, month) DO UPDATE SET posts = excluded.posts;

-- name: read_standing(organization, environment, month)
-- What the organization has of what its limits count. Posts of a month are counted only while they have a limit.
SELECT (SELECT count(*) FROM projects p
         WHERE p.organization_id = $1 AND p.environment = $2 AND p.status = 'active') AS projects,
       (SELECT count(*) FROM social_accounts a
         WHERE a.environment = $2 AND a.organization_id = $1 AND a.status IN ('connected', 'reauth_required'))
       AS accounts,
       (SELECT CASE WHEN l.posts_per_month IS NOT NULL THEN coalesce((
                   SELECT m.posts FROM post_months m
                    WHERE m.organization_id = $1 AND m.environment = $2 AND m.month = $3::date), 0) END
          FROM organization_limits l WHERE l.organization_id = $1) AS posts_per_month,
       (SELECT count(*) FROM scheduled_posts s
         WHERE s.organization_id = $1 AND s.environment = $2 AND s.status IN ('queued', 'publishing')) AS queued,
       (SELECT coalesce(sum(u.size_bytes), 0)::bigint FROM media_usage u WHERE u.organization_id = $1) AS media_bytes,
       (SELECT count(*) FROM users u WHERE u.organization_id = $1 AND u.disabled_at IS NULL) AS users,
       (SELECT count(*) FROM api_keys k WHERE k.organization_id = $1 AND k.revoked_at IS NULL) AS keys;

-- name: read_post_limits(organization, environment, month)
-- The limits of posts, and what counts toward them. No row without such a limit.
SELECT l.posts_per_month, l.queued,
       coalesce((SELECT m.posts FROM post_months m
                  WHERE m.organization_id = $1 AND m.environment = $2 AND m.month = $3::date), 0) AS posts_of_month,
       CASE WHEN l.queued IS NOT NULL THEN (
           SELECT count(*) FROM scheduled_posts s
            WHERE s.organization_id = $1 AND s.environment = $2 AND s.status IN ('queued', 'publishing')) END
       AS posts_queued
  FROM organization_limits l
 WHERE l.organization_id = $1 AND (l.posts_per_month IS NOT NULL OR l.queued IS NOT NULL);

-- name: note_limit(organization, environment, name, used, maximum, now)
SELECT note_limit($1, $2, $3, $4, $5, $6);

-- name: insert_organization(id, name, now)
INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO NOTHING RETURNING id, name, created_at;

-- name: find_organization(id)
SELECT id, name, created_at FROM organizations WHERE id = $1;

-- name: lock_organization(id)
SELECT id, name, created_at FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: rename_organization(id, name)
UPDATE organizations SET name = $2 WHERE id = $1 RETURNING id, name, created_at;

-- name: list_organizations(after_at, after_id, limit)
SELECT o.id, o.name, o.created_at FROM organizations o
 WHERE (o.created_at, o.id) > ($1, $2) ORDER BY o.created_at, o.id LIMIT $3;

-- name: limits_of(organizations)
SELECT organization_id, projects, accounts, posts_per_month, queued, media_bytes, users, keys
  FROM organization_limits WHERE organization_id = ANY($1::uuid[]) ORDER BY organization_id;
