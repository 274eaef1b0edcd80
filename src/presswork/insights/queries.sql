-- Numbers as the API shows them, and what the worker writes.

-- name: find_post(organization, environment, post)
SELECT p.id, p.project_id, p.platform, p.mode, p.status, p.live_status, a.login, n.taken_at,
       n.views, n.reach, n.likes, n.comments, n.shares, n.saves, n.clicks, n.watch_seconds, n.average_watch_seconds,
       n.follows, n.unavailable::text AS unavailable, n.missing_scopes, r.due_at, r.asked_at,
       coalesce(r.is_gone, false) AS is_gone,
       (SELECT h.raw::text FROM post_insights h WHERE h.post_id = n.post_id AND h.taken_at = n.taken_at) AS raw
  FROM scheduled_posts p
  JOIN social_accounts a ON a.id = p.social_account_id
  LEFT JOIN post_insights_latest n ON n.post_id = p.id
  LEFT JOIN live_reads r ON r.post_id = p.id AND r.kind = 'insights'
 WHERE p.id = $3 AND p.organization_id = $1 AND p.environment = $2;

-- name: history(post, since, until, after, limit)
SELECT taken_at, views, reach, likes, comments, shares, saves, clicks, watch_seconds, average_watch_seconds, follows,
       raw::text AS raw
  FROM post_insights
 WHERE post_id = $1 AND taken_at >= $2 AND taken_at <= $3 AND taken_at > $4
 ORDER BY taken_at LIMIT $5;

-- name: find_account(organization, environment, account)
SELECT a.id, a.project_id, a.platform, a.login, l.taken_at, l.followers, l.unavailable::text AS unavailable,
       l.missing_scopes
  FROM social_accounts a LEFT JOIN account_insights_latest l ON l.social_account_id = a.id
 WHERE a.id = $3 AND a.organization_id = $1 AND a.environment = $2;

-- name: days_of_account(account, since, until, limit)
SELECT day, followers, views, reach FROM account_insights
 WHERE social_account_id = $1 AND day >= $2 AND day <= $3 ORDER BY day LIMIT $4;

-- name: project_exists(organization, environment, project)
SELECT true FROM projects WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: project_timezone(organization, environment, project)
SELECT timezone FROM projects WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: removed_metrics(login, environment, version)
SELECT metric FROM removed_metrics WHERE login = $1 AND environment = $2 AND api_version = $3
 ORDER BY metric LIMIT 1000;

-- name: add_removed(login, environment, version, metrics, now)
INSERT INTO removed_metrics (login, environment, api_version, metric, removed_at)
SELECT $1, $2, $3, m.metric, coalesce($5::timestamptz, now()) FROM unnest($4::text[]) AS m(metric) ORDER BY m.metric
ON CONFLICT DO NOTHING RETURNING metric;

-- name: list_removed()
SELECT login, environment, api_version, metric, removed_at FROM removed_metrics
 ORDER BY login, environment, api_version, metric LIMIT 1000;

-- name: forget_removed(login)
-- Ask for the metrics of a login again, or with NULL for those of all logins.
DELETE FROM removed_metrics WHERE $1::text IS NULL OR login = $1 RETURNING login, environment, api_version, metric;

-- name: store_numbers(rows, now, event_before)
-- Many posts in one round trip. What the platform no longer reports keeps no number here; the months before have it.
WITH given AS MATERIALIZED (
    SELECT r.* FROM jsonb_to_recordset($1::text::jsonb) AS r(
        post_id uuid, views bigint, reach bigint, likes bigint, comments bigint, shares bigint, saves bigint,
        clicks bigint, watch_seconds double precision, average_watch_seconds double precision, follows bigint,
        raw jsonb, unavailable jsonb, missing_scopes text[])
), former AS MATERIALIZED (
    SELECT l.post_id, l.event_at, l.unavailable, l.missing_scopes,
           (l.views, l.reach, l.likes, l.comments, l.shares, l.saves, l.clicks, l.watch_seconds,
            l.average_watch_seconds, l.follows) AS numbers
      FROM post_insights_latest l WHERE l.post_id IN (SELECT post_id FROM given)
), read AS MATERIALIZED (
    SELECT p.id AS post_id, p.project_id, p.organization_id, p.container_id, p.social_account_id, p.published_at,
           p.environment, p.platform, f.event_at IS NULL OR f.event_at <= $3 AS is_event_due, f.event_at,
           f.post_id IS NULL OR f.numbers IS DISTINCT FROM (
               g.views, g.reach, g.likes, g.comments, g.shares, g.saves, g.clicks, g.watch_seconds,
               g.average_watch_seconds, g.follows) AS has_changed,
           g.views, g.reach, g.likes, g.comments, g.shares, g.saves, g.clicks, g.watch_seconds,
           g.average_watch_seconds, g.follows, g.raw, g.unavailable, coalesce(g.missing_scopes, '{}') AS missing_scopes
      FROM given g JOIN scheduled_posts p ON p.id = g.post_id LEFT JOIN former f ON f.post_id = g.post_id
     WHERE p.published_at IS NOT NULL
), kept AS (
    INSERT INTO post_insights (post_id, taken_at, views, reach, likes, comments, shares, saves, clicks, watch_seconds,
                               average_watch_seconds, follows, raw)
    SELECT post_id, $2, views, reach, likes, comments, shares, saves, clicks, watch_seconds, average_watch_seconds,
           follows, raw FROM read
    ON CONFLICT (post_id, taken_at) DO NOTHING
), written AS (
    INSERT INTO post_insights_latest AS l (
        post_id, project_id, organization_id, container_id, social_account_id, published_at, environment, platform,
        taken_at, event_at, views, reach, likes, comments, shares, saves, clicks, watch_seconds, average_watch_seconds,
        follows, unavailable, missing_scopes)
    SELECT post_id, project_id, organization_id, container_id, social_account_id, published_at, environment, platform,
           $2, CASE WHEN is_event_due THEN $2 ELSE event_at END, views, reach, likes, comments, shares, saves, clicks,
           watch_seconds, average_watch_seconds, follows, unavailable, missing_scopes
      FROM read ORDER BY post_id
    ON CONFLICT (post_id) DO UPDATE
       SET taken_at = excluded.taken_at, event_at = excluded.event_at, views = excluded.views, reach = excluded.reach,
           likes = excluded.likes, comments = excluded.comments, shares = excluded.shares, saves = excluded.saves,
           clicks = excluded.clicks, watch_seconds = excluded.watch_seconds,
           average_watch_seconds = excluded.average_watch_seconds, follows = excluded.follows,
           unavailable = excluded.unavailable, missing_scopes = excluded.missing_scopes
     WHERE l.taken_at <= excluded.taken_at
    RETURNING l.post_id, l AS numbers
), due AS (
    SELECT w.post_id, w.numbers FROM written w JOIN read r ON r.post_id = w.post_id WHERE r.is_event_due
),
-- include: presswork.events outbox.sql insights_taken(due, $2)
SELECT post_id, has_changed FROM read ORDER BY post_id;

-- name: store_account(account, now, followers, unavailable, missing_scopes, today, days, follower_counts, views, reach)
-- The last days that the platform has closed, and the followers of today.
WITH latest AS (
    INSERT INTO account_insights_latest AS l (social_account_id, taken_at, followers, unavailable, missing_scopes)
    SELECT a.id, $2, $3, $4::text::jsonb, $5 FROM social_accounts a WHERE a.id = $1
    ON CONFLICT (social_account_id) DO UPDATE
       SET taken_at = excluded.taken_at, followers = excluded.followers, unavailable = excluded.unavailable,
           missing_scopes = excluded.missing_scopes
     WHERE l.taken_at <= excluded.taken_at
), given AS (
    SELECT d.day, d.followers, d.views, d.reach
      FROM unnest($7::date[], $8::bigint[], $9::bigint[], $10::bigint[]) AS d(day, followers, views, reach)
    UNION ALL
    SELECT $6, $3, NULL, NULL WHERE $3::bigint IS NOT NULL AND NOT $6 = ANY($7::date[])
)
INSERT INTO account_insights AS k (social_account_id, day, followers, views, reach)
SELECT a.id, g.day, g.followers, g.views, g.reach
  FROM given g JOIN social_accounts a ON a.id = $1 ORDER BY g.day
ON CONFLICT (social_account_id, day) DO UPDATE
   SET followers = coalesce(excluded.followers, k.followers), views = coalesce(excluded.views, k.views),
       reach = coalesce(excluded.reach, k.reach);

-- name: add_months(first_at, last_at)
SELECT add_insights_months($1, $2);

-- name: drop_months(before)
SELECT drop_insights_months($1);

-- name: sweep_latest(before, limit)
WITH old AS (
    SELECT post_id FROM post_insights_latest WHERE taken_at < $1 ORDER BY taken_at LIMIT $2 FOR UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM post_insights_latest l USING old o WHERE l.post_id = o.post_id RETURNING 1
)
SELECT count(*) FROM deleted;

-- name: sweep_accounts(before, limit)
WITH old AS (
    SELECT social_account_id, day FROM account_insights WHERE day < $1 ORDER BY day LIMIT $2 FOR UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM account_insights k USING old o
     WHERE k.social_account_id = o.social_account_id AND k.day = o.day RETURNING 1
)
SELECT count(*) FROM deleted;
