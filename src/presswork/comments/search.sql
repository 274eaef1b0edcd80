-- plan: custom
-- Lists of comments, and their numbers by status.

-- name: search_all(organization, environment, statuses, own, near_at, near_id, far, limit, filter, scanned)
-- include: presswork.comments lists.sql search(c.organization_id = $1 AND c.environment = $2)

-- name: search_project(organization, environment, statuses, own, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.comments lists.sql search(c.project_id = $11)

-- name: search_account(organization, environment, statuses, own, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.comments lists.sql search(c.social_account_id = $11)

-- name: search_post(organization, environment, statuses, own, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.comments lists.sql search(c.post_id = $11)

-- name: search_assignee(organization, environment, statuses, own, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.comments lists.sql search(c.assignee_id = $11)

-- name: count_all(organization, environment, filter, most)
-- include: presswork.comments lists.sql count(c.organization_id = $1 AND c.environment = $2)

-- name: count_project(organization, environment, filter, most, key)
-- include: presswork.comments lists.sql count(c.project_id = $5)

-- name: count_account(organization, environment, filter, most, key)
-- include: presswork.comments lists.sql count(c.social_account_id = $5)

-- name: count_assignee(organization, environment, filter, most, key)
-- include: presswork.comments lists.sql count(c.assignee_id = $5)

-- name: project_exists(organization, environment, id)
SELECT true FROM projects WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: account_exists(organization, environment, id)
SELECT true FROM social_accounts WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: post_exists(organization, environment, id)
SELECT true FROM scheduled_posts WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: thread_page(post, organization, environment, after, limit)
-- The comments of a post, threads together, the oldest first, after the comment `after` (NULL: from the start).
WITH start AS (
    SELECT c.thread_at, c.thread, c.created_at, c.id FROM comments c WHERE c.id = $4 AND c.post_id = $1 LIMIT 1
), page AS MATERIALIZED (
    SELECT c.thread_at, c.thread, c.created_at, c.id
      FROM comments c
     WHERE c.post_id = $1 AND c.organization_id = $2 AND c.environment = $3 AND c.deleted_at IS NULL
       AND (c.thread_at, c.thread, c.created_at, c.id) > (
           coalesce((SELECT thread_at FROM start), '-infinity'), coalesce((SELECT thread FROM start), ''),
           coalesce((SELECT created_at FROM start), '-infinity'),
           coalesce((SELECT id FROM start), '00000000-0000-0000-0000-000000000000'))
     ORDER BY c.thread_at, c.thread, c.created_at, c.id LIMIT $5
)
SELECT
-- include: presswork.comments lists.sql columns()
  FROM (SELECT thread_at, thread, created_at, id FROM page
         ORDER BY thread_at, thread, created_at, id OFFSET 0) g
-- include: presswork.comments lists.sql comment(g.id)
 ORDER BY g.thread_at, g.thread, g.created_at, g.id;
