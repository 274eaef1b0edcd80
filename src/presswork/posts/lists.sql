-- name: post()
-- The columns of a post, for statements that select from rows named p. `read.post_of` parses them.
p.id, p.project_id, p.container_id, p.social_account_id, p.platform, p.mode, p.status, p.external_id, p.external_url,
       p.scheduled_for, p.attempted_at, p.published_at, p.canceled_at, p.last_error, p.caption_override,
       p.first_comment_override, p.tiktok_post_settings, p.tiktok_music, p.share_reel_to_feed, p.first_comment_status,
       p.created_at, p.updated_at

-- name: page(before, until, direction)
-- A page of posts: select up to a page of each status, then the first of those. A page costs a few index lookups,
-- whatever the filter and however many posts exist. No optional conditions: with them the cached plan read a whole
-- project for each page. No conditions outside the index either: if the planner estimates a single row, it prefers to
-- sort all rows. $3 and $4 are the start of the page (exclusive), $5 is the end of the list (inclusive).
SELECT
-- include: presswork.posts lists.sql post()
  FROM unnest($2::text[]) AS s(status)
 CROSS JOIN LATERAL (
       SELECT
-- include: presswork.posts lists.sql post()
         FROM scheduled_posts p
        WHERE p.project_id = $1 AND p.status = s.status
          AND (p.scheduled_for, p.id) {before} ($3::timestamptz, $4::uuid) AND p.scheduled_for {until} $5::timestamptz
        ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6) p
 ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6

-- name: page_of(column, table, before, until, direction)
-- A page of the posts of one account or container, if it belongs to project $7.
SELECT
-- include: presswork.posts lists.sql post()
  FROM unnest($2::text[]) AS s(status)
 CROSS JOIN LATERAL (
       SELECT
-- include: presswork.posts lists.sql post()
         FROM scheduled_posts p
        WHERE p.{column} = $1 AND p.status = s.status
          AND EXISTS (SELECT FROM {table} o WHERE o.id = $1 AND o.project_id = $7)
          AND (p.scheduled_for, p.id) {before} ($3::timestamptz, $4::uuid) AND p.scheduled_for {until} $5::timestamptz
        ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6) p
 WHERE p.project_id = $7
 ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6

-- name: page_of_container_account(before, until, direction)
-- A page of the posts of one container to one account. A container has few posts, so all of them are read.
SELECT
-- include: presswork.posts lists.sql post()
  FROM scheduled_posts p
 WHERE p.container_id = $1 AND p.status = ANY($2::text[]) AND p.project_id = $7 AND p.social_account_id = $8
   AND (p.scheduled_for, p.id) {before} ($3::timestamptz, $4::uuid) AND p.scheduled_for {until} $5::timestamptz
 ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6
