-- name: page(before, until, direction)
-- A page of posts: select up to a page of each status, then the first of those. A page costs a few index lookups,
-- whatever the filter and however many posts exist. No optional conditions: with them the cached plan read a whole
-- project for each page. No conditions outside the index either: if the planner estimates a single row, it prefers to
-- sort all rows. $3 and $4 are the start of the page (exclusive), $5 is the end of the list (inclusive). Documents are
-- built for the posts of the page only; the planner drops the columns of p.* that they do not need.
SELECT p.id, p.scheduled_for,
-- include: presswork.posts document.sql document(p)
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
-- include: presswork.posts document.sql document(p)
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
-- include: presswork.posts document.sql document(p)
  FROM scheduled_posts p
 WHERE p.container_id = $1 AND p.status = ANY($2::text[]) AND p.project_id = $7 AND p.social_account_id = $8
   AND (p.scheduled_for, p.id) {before} ($3::timestamptz, $4::uuid) AND p.scheduled_for {until} $5::timestamptz
 ORDER BY p.scheduled_for {direction}, p.id {direction} LIMIT $6
