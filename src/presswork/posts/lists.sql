-- name: post()
-- Part of statements that read whole posts, from rows named p; `read.post_of` reads it back.
p.id, p.project_id, p.container_id, p.social_account_id, p.platform, p.mode, p.status, p.external_id, p.external_url,
       p.scheduled_for, p.attempted_at, p.published_at, p.canceled_at, p.last_error, p.caption_override,
       p.first_comment_override, p.tiktok_post_settings, p.tiktok_music, p.share_reel_to_feed, p.first_comment_status,
       p.created_at, p.updated_at

-- name: page(before, until, direction)
-- A list of posts: as many of each status as a page may hold, then the first of all these. So a page is a few looks
-- into an index, whatever is asked for and however many posts there are. No optional conditions: a connection keeps
-- the plan, and one that was made for all cases read a whole project for each page. No condition beside those of the
-- index either: one that seems to leave a single row makes sorting all of them look as cheap as taking the first.
-- $3 and $4 are where the page begins (exclusive), $5 is where the list ends (inclusive).
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
-- The same for the posts of one account or container, if that is the project's: $7.
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
-- A container goes to an account a few times; so all posts of the container are looked at.
SELECT
-- include: presswork.posts lists.sql post()
  FROM scheduled_posts p
 WHERE p.container_id = $1 AND p.status = ANY($2::text[]) AND p.project_id = $7 AND p.social_account_id = $8
   AND (p.scheduled_for, p.id) {before} ($3::timestamptz, $4::uuid) AND p.scheduled_for {until} $5::timestamptz
 ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6
