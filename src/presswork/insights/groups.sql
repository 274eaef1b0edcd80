-- plan: custom
-- Numbers of many posts together, from the last numbers of each. The order is that of `place`, the value of a metric
-- with its sign, groups without a value last; then that of the keys.

-- name: by_day(org, env, projects, since, until, account, platform, order, place, key, limit, zone)
WITH grouped AS (
    SELECT to_char(n.published_at AT TIME ZONE $12, 'YYYY-MM-DD') COLLATE "C" AS key,
-- include: presswork.insights lists.sql sums(n)
      FROM post_insights_latest n
-- include: presswork.insights lists.sql wanted(n)
     GROUP BY 1
),
-- include: presswork.insights lists.sql page()

-- name: by_account(org, env, projects, since, until, account, platform, order, place, key, limit)
WITH grouped AS (
    SELECT ('sa_' || n.social_account_id) COLLATE "C" AS key,
-- include: presswork.insights lists.sql sums(n)
      FROM post_insights_latest n
-- include: presswork.insights lists.sql wanted(n)
     GROUP BY n.social_account_id
),
-- include: presswork.insights lists.sql page()

-- name: by_platform(org, env, projects, since, until, account, platform, order, place, key, limit)
WITH grouped AS (
    SELECT n.platform COLLATE "C" AS key,
-- include: presswork.insights lists.sql sums(n)
      FROM post_insights_latest n
-- include: presswork.insights lists.sql wanted(n)
     GROUP BY n.platform
),
-- include: presswork.insights lists.sql page()

-- name: by_post(org, env, projects, since, until, account, platform, order, place, key, limit)
WITH grouped AS (
    SELECT ('sp_' || n.post_id) COLLATE "C" AS key, 1 AS posts, n.views, n.reach, n.likes, n.comments, n.shares,
           n.saves, n.clicks, n.watch_seconds, n.average_watch_seconds, n.follows
      FROM post_insights_latest n
-- include: presswork.insights lists.sql wanted(n)
),
-- include: presswork.insights lists.sql page()

-- name: by_label(org, env, projects, since, until, account, platform, order, place, key, limit)
-- A post counts for each label of its content. The labels are read from an index that has only content with labels.
WITH grouped AS (
    SELECT t.label COLLATE "C" AS key,
-- include: presswork.insights lists.sql sums(n)
      FROM post_insights_latest n
      JOIN content_containers c ON c.id = n.container_id AND c.labels <> '{}'
     CROSS JOIN LATERAL unnest(c.labels) AS t(label)
-- include: presswork.insights lists.sql wanted(n)
     GROUP BY t.label
),
-- include: presswork.insights lists.sql page()

-- name: export(org, env, projects, since, until, account, platform, after_at, after_id, limit)
SELECT n.post_id, n.project_id, n.container_id, n.social_account_id, n.platform, n.published_at, n.taken_at,
       a.handle, p.external_id, p.external_url, n.views, n.reach, n.likes, n.comments, n.shares, n.saves, n.clicks,
       n.watch_seconds, n.average_watch_seconds, n.follows, n.unavailable::text AS unavailable, n.missing_scopes
  FROM (SELECT n.* FROM post_insights_latest n
-- include: presswork.insights lists.sql wanted(n)
           AND (n.published_at, n.post_id) > ($8, $9)
         ORDER BY n.published_at, n.post_id LIMIT $10) n
  JOIN scheduled_posts p ON p.id = n.post_id
  JOIN social_accounts a ON a.id = n.social_account_id
 ORDER BY n.published_at, n.post_id LIMIT $10;
