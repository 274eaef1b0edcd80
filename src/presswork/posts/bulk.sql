-- One action on many posts: the job, its items, and its lease.

-- name: create(id, organization, environment, action, arguments, caller, now)
INSERT INTO bulk_jobs (id, organization_id, environment, action, arguments, caller, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: set_total(bulk, total, now)
UPDATE bulk_jobs SET total = $2, ended_at = CASE WHEN $2 = 0 THEN $3::timestamptz END WHERE id = $1;

-- name: add_posts(bulk, posts)
INSERT INTO bulk_items (bulk_id, position, post_id)
SELECT $1, t.position, t.post_id FROM unnest($2::uuid[]) WITH ORDINALITY AS t(post_id, position);

-- name: add_all(organization, environment, statuses, near_at, near_id, far, filter, bulk)
-- plan: custom
-- include: presswork.posts lists.sql add_matching(p.organization_id = $1 AND p.environment = $2)

-- name: add_project(organization, environment, statuses, near_at, near_id, far, filter, bulk, key)
-- plan: custom
-- include: presswork.posts lists.sql add_matching(p.project_id = $9)

-- name: add_account(organization, environment, statuses, near_at, near_id, far, filter, bulk, key)
-- plan: custom
-- include: presswork.posts lists.sql add_matching(p.social_account_id = $9)

-- name: add_container(organization, environment, statuses, near_at, near_id, far, filter, bulk, key)
-- plan: custom
-- include: presswork.posts lists.sql add_matching(p.container_id = $9)

-- name: find(organization, environment, id)
SELECT id, organization_id, environment, total, caller, ended_at FROM bulk_jobs
 WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: count_done(bulk)
SELECT count(*) AS done, count(error) AS failed FROM bulk_items WHERE bulk_id = $1 AND done_at IS NOT NULL;

-- name: list_done(bulk, limit)
-- The failed ones first.
SELECT post_id, error FROM bulk_items WHERE bulk_id = $1 AND done_at IS NOT NULL
 ORDER BY error IS NULL, position LIMIT $2;

-- name: claim(worker, lease, now, limit)
UPDATE bulk_jobs SET leased_by = $1, leased_until = coalesce($3::timestamptz, now()) + $2::interval
 WHERE id IN (SELECT id FROM bulk_jobs
               WHERE ended_at IS NULL AND (leased_until IS NULL OR leased_until <= coalesce($3::timestamptz, now()))
               ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING id, organization_id, environment, action, arguments, caller;

-- name: renew(worker, lease, now, ids)
UPDATE bulk_jobs SET leased_until = coalesce($3::timestamptz, now()) + $2::interval
 WHERE id = ANY($4::uuid[]) AND leased_by = $1 AND ended_at IS NULL
RETURNING id;

-- name: release(worker, held)
UPDATE bulk_jobs SET leased_by = NULL, leased_until = NULL
 WHERE ended_at IS NULL AND leased_by = $1 AND id <> ALL($2::uuid[]);

-- name: next_items(bulk, limit)
SELECT position, post_id FROM bulk_items WHERE bulk_id = $1 AND done_at IS NULL ORDER BY position LIMIT $2;

-- name: finish_item(bulk, position, now, error)
-- Of two workers that have the same item, the second waits here for the first, and then changes nothing.
UPDATE bulk_items SET done_at = $3, error = $4 WHERE bulk_id = $1 AND position = $2 AND done_at IS NULL
RETURNING true;

-- name: end(bulk, now)
UPDATE bulk_jobs b SET ended_at = $2, leased_by = NULL, leased_until = NULL
 WHERE id = $1 AND ended_at IS NULL
   AND NOT EXISTS (SELECT FROM bulk_items WHERE bulk_id = $1 AND done_at IS NULL);

-- name: sweep(before, limit)
DELETE FROM bulk_jobs WHERE id IN (SELECT id FROM bulk_jobs WHERE ended_at < $1 ORDER BY ended_at LIMIT $2);
