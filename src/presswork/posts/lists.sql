-- name: page(before, until, direction)
-- A page of posts: select up to a page of each status, then the first of those. A page costs a few index lookups,
-- whatever the filter and however many posts exist. No optional conditions: with them the cached plan read a whole
-- project for each page. No conditions outside the index either: if the planner estimates a single row, it prefers to
-- sort all rows. $3 and $4 are the start of the page (exclusive), $5 is the end of the list (inclusive). Documents are
-- built for the posts of the page only; the planner drops the columns of p.* that they do not need.
SELECT p.id, p.scheduled_for,
-- include: presswork.events document.sql document(p)
  FROM unnest($2::text[]) AS s(status)
 CROSS JOIN LATERAL (
       SELECT p.* FROM scheduled_posts p
        WHERE p.project_id = $1 AND p.status = s.status
          AND (p.scheduled_for, p.id) {before} ($3::timestamptz, $4::uuid) AND p.scheduled_for {until} $5::timestamptz
        ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6) p
 ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6

-- name: page_of(column, table, before, until, direction)
-- A page of the posts of one account or container, if it belongs to project $7.
SELECT p.id, p.scheduled_for,
-- include: presswork.events document.sql document(p)
  FROM unnest($2::text[]) AS s(status)
 CROSS JOIN LATERAL (
       SELECT p.* FROM scheduled_posts p
        WHERE p.{column} = $1 AND p.status = s.status
          AND EXISTS (SELECT FROM {table} o WHERE o.id = $1 AND o.project_id = $7)
          AND (p.scheduled_for, p.id) {before} ($3::timestamptz, $4::uuid) AND p.scheduled_for {until} $5::timestamptz
        ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6) p
 WHERE p.project_id = $7
 ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6

-- name: page_of_container_account(before, until, direction)
-- A page of the posts of one container to one account. A container has few posts, so all of them are read.
SELECT p.id, p.scheduled_for,
-- include: presswork.events document.sql document(p)
  FROM scheduled_posts p
 WHERE p.container_id = $1 AND p.status = ANY($2::text[]) AND p.project_id = $7 AND p.social_account_id = $8
   AND (p.scheduled_for, p.id) {before} ($3::timestamptz, $4::uuid) AND p.scheduled_for {until} $5::timestamptz
 ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6

-- name: search(key, before, until, direction, reverse)
-- A page of the posts of an organization and environment (or of one project, account or container of it: `key`) that
-- match a filter which no index knows: $8, a JSON object, also with `now` (document.sql: waiting). The next $9 posts of
-- the list are candidates, however few of them match, so the cost of a page is bounded whatever the filter and however
-- many posts exist (db/found_page.py).
WITH candidate AS MATERIALIZED (
    SELECT p.scheduled_for, p.id
      FROM unnest($3::text[]) AS s(status)
     CROSS JOIN LATERAL (
           SELECT p.scheduled_for, p.id FROM scheduled_posts p
            WHERE {key} AND p.status = s.status
              AND (p.scheduled_for, p.id) {before} ($4::timestamptz, $5::uuid)
              AND p.scheduled_for {until} $6::timestamptz
            ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $9) p
     ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $9
)
SELECT n.scanned, l.scheduled_for AS last_at, l.id AS last_id, m.scheduled_for, m.id, m.document, m.thumbnail_key
  FROM (SELECT count(*) AS scanned FROM candidate) n
  LEFT JOIN (SELECT scheduled_for, id FROM candidate
              ORDER BY scheduled_for {reverse}, id {reverse} LIMIT 1) l ON true
  LEFT JOIN LATERAL (
       SELECT c.scheduled_for, c.id,
-- include: presswork.events document.sql document_with_context(p, f.now)
         FROM
-- include: presswork.posts lists.sql filter($8)
        CROSS JOIN (SELECT scheduled_for, id FROM candidate
                     ORDER BY scheduled_for {direction}, id {direction} OFFSET 0) c
        CROSS JOIN LATERAL (SELECT * FROM scheduled_posts WHERE id = c.id LIMIT 1) p
        WHERE p.organization_id = $1 AND p.environment = $2 AND
-- include: presswork.posts lists.sql matches(p)
        ORDER BY c.scheduled_for {direction}, c.id {direction} LIMIT $7) m ON true
 ORDER BY m.scheduled_for {direction}, m.id {direction}

-- name: filter(document)
-- The conditions which no index knows, as a row.
              json_to_record({document}::json)
              AS f(projects uuid[], account uuid, platforms text[], modes text[], live_statuses text[], text text,
                   handle text, labels text[], now timestamptz)

-- name: matches(post)
-- Whether a post of the tenant meets the conditions `f`.
              (f.projects IS NULL OR {post}.project_id = ANY(f.projects))
          AND (f.account IS NULL OR {post}.social_account_id = f.account)
          AND (f.platforms IS NULL OR {post}.platform = ANY(f.platforms))
          AND (f.modes IS NULL OR {post}.mode = ANY(f.modes))
          AND (f.live_statuses IS NULL
               OR coalesce({post}.live_status, CASE {post}.status WHEN 'published' THEN 'live' END)
                  = ANY(f.live_statuses))
          AND (f.labels IS NULL
               OR (SELECT k.labels && f.labels FROM content_containers k WHERE k.id = {post}.container_id LIMIT 1))
          AND (f.text IS NULL
               OR position(lower(f.text) IN lower(coalesce({post}.caption_override, (
                      SELECT k.caption FROM content_containers k WHERE k.id = {post}.container_id LIMIT 1)))) > 0
               OR position(lower(f.handle) IN (
                      SELECT lower(a.handle) FROM social_accounts a WHERE a.id = {post}.social_account_id LIMIT 1)) > 0)

-- name: count(key)
-- How many of the first $8 posts there are, and how many of them match, which is NULL without conditions: then only an
-- index is read.
WITH candidate AS MATERIALIZED (
    SELECT p.id
      FROM unnest($3::text[]) AS s(status)
     CROSS JOIN LATERAL (
           SELECT p.id FROM scheduled_posts p
            WHERE {key} AND p.status = s.status AND (p.scheduled_for, p.id) > ($4::timestamptz, $5::uuid)
              AND p.scheduled_for <= $6::timestamptz
            ORDER BY p.scheduled_for, p.id LIMIT $8) p
     LIMIT $8
)
SELECT (SELECT count(*) FROM candidate) AS scanned,
       CASE WHEN $7 <> '{}' THEN (
            SELECT count(*)
              FROM
-- include: presswork.posts lists.sql filter($7)
             CROSS JOIN candidate c
             CROSS JOIN LATERAL (SELECT * FROM scheduled_posts WHERE id = c.id LIMIT 1) p
             WHERE p.organization_id = $1 AND p.environment = $2 AND
-- include: presswork.posts lists.sql matches(p)
       ) END AS matching

-- name: add_matching(key)
-- Makes the posts that match items of a bulk job, those that are due first first.
INSERT INTO bulk_items (bulk_id, position, post_id)
SELECT $8, row_number() OVER (ORDER BY p.scheduled_for, p.id), p.id
  FROM
-- include: presswork.posts lists.sql filter($7)
 CROSS JOIN scheduled_posts p
 WHERE {key} AND p.status = ANY($3::text[]) AND p.organization_id = $1 AND p.environment = $2
   AND (p.scheduled_for, p.id) > ($4::timestamptz, $5::uuid) AND p.scheduled_for <= $6::timestamptz AND
-- include: presswork.posts lists.sql matches(p)

-- name: group(key, before, until, direction, reverse)
-- A page of groups: the posts of one container that are due at one instant and match the filter. A group is listed
-- where its first post is, in the order of the list. A page reads up to $9 posts, and then the posts of the groups that
-- it found. The groups of the instant at which the page starts may have been listed: those with a post before it.
WITH candidate AS MATERIALIZED (
    SELECT p.scheduled_for, p.id
      FROM unnest($3::text[]) AS s(status)
     CROSS JOIN LATERAL (
           SELECT p.scheduled_for, p.id FROM scheduled_posts p
            WHERE {key} AND p.status = s.status
              AND (p.scheduled_for, p.id) {before} ($4::timestamptz, $5::uuid)
              AND p.scheduled_for {until} $6::timestamptz
            ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $9) p
     ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $9
), first_post AS MATERIALIZED (
    SELECT DISTINCT ON (p.scheduled_for, p.container_id) p.scheduled_for, p.id, p.container_id, p.project_id
      FROM
-- include: presswork.posts lists.sql filter($8)
     CROSS JOIN candidate c
     CROSS JOIN LATERAL (SELECT * FROM scheduled_posts WHERE id = c.id LIMIT 1) p
     WHERE p.organization_id = $1 AND p.environment = $2 AND
-- include: presswork.posts lists.sql matches(p)
     ORDER BY p.scheduled_for, p.container_id, p.id {direction}
), listed AS MATERIALIZED (
    SELECT g.*
      FROM
-- include: presswork.posts lists.sql filter($8)
     CROSS JOIN first_post g
     WHERE g.scheduled_for <> $4 OR NOT EXISTS (
           SELECT FROM scheduled_posts p
            WHERE p.container_id = g.container_id AND p.status = ANY($3::text[]) AND p.scheduled_for = $4
              AND NOT (p.scheduled_for, p.id) {before} ($4, $5) AND
-- include: presswork.posts lists.sql matches(p)
           )
     ORDER BY g.scheduled_for {direction}, g.id {direction} LIMIT $7
)
SELECT n.scanned, l.scheduled_for AS last_at, l.id AS last_id, g.scheduled_for, g.id, k.caption, k.media_type,
       'cnt_' || g.container_id AS container, 'prj_' || g.project_id AS project,
       m.documents, m.thumbnail_key, m.statuses
  FROM (SELECT count(*) AS scanned FROM candidate) n
  LEFT JOIN (SELECT scheduled_for, id FROM candidate
              ORDER BY scheduled_for {reverse}, id {reverse} LIMIT 1) l ON true
  LEFT JOIN listed g ON true
  LEFT JOIN LATERAL (SELECT caption, media_type FROM content_containers WHERE id = g.container_id LIMIT 1) k ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(d.document ORDER BY d.id) AS documents, min(d.thumbnail_key) AS thumbnail_key,
              array_agg(d.status ORDER BY d.id) AS statuses
         FROM (SELECT p.id, p.status,
-- include: presswork.events document.sql document_with_context(p, f.now)
                 FROM
-- include: presswork.posts lists.sql filter($8)
                CROSS JOIN scheduled_posts p
                WHERE p.container_id = g.container_id AND p.status = ANY($3::text[])
                  AND p.scheduled_for = g.scheduled_for AND
-- include: presswork.posts lists.sql matches(p)
              ) d) m ON true
 ORDER BY g.scheduled_for {direction}, g.id {direction}

-- name: counts(borders)
-- The number of the day, from 0, and how many posts of an account have each status.
       width_bucket(p.scheduled_for, {borders}::timestamptz[]) AS day, p.social_account_id,
       count(*) FILTER (WHERE p.status = 'queued') AS queued,
       count(*) FILTER (WHERE p.status = 'publishing') AS publishing,
       count(*) FILTER (WHERE p.status = 'published') AS published,
       count(*) FILTER (WHERE p.status = 'draft') AS draft,
       count(*) FILTER (WHERE p.status = 'failed') AS failed,
       count(*) FILTER (WHERE p.status = 'canceled') AS canceled

-- name: summary(limit, first_day)
-- One row from the counts: how many there are and, unless they are more than `limit`, the JSON of the days and of the
-- accounts. Built here, since a program that does so from the counts does nothing else for seconds.
dated AS (
    SELECT social_account_id, day,
           json_build_object('date', {first_day}::date + day, 'counts', json_build_object(
               'queued', sum(queued), 'publishing', sum(publishing), 'published', sum(published),
               'draft', sum(draft), 'failed', sum(failed), 'canceled', sum(canceled))) AS document
      FROM counted WHERE (SELECT count(*) FROM counted) <= {limit}
     GROUP BY GROUPING SETS ((day), (day, social_account_id))
), of_account AS (
    SELECT social_account_id, json_agg(document ORDER BY day) AS days
      FROM dated WHERE social_account_id IS NOT NULL GROUP BY social_account_id
)
SELECT (SELECT count(*) FROM counted) AS pairs,
       (SELECT coalesce(json_agg(document ORDER BY day), '[]')
          FROM dated WHERE social_account_id IS NULL)::text AS days,
       (SELECT coalesce(json_agg(json_build_object('socialAccountId', 'sa_' || social_account_id, 'days', days)
                                 ORDER BY social_account_id), '[]') FROM of_account)::text AS accounts
