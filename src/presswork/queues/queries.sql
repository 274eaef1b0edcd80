-- Queues and their slots.

-- name: insert_queue(id, project, organization, environment, queue, now, most)
-- No row if the project has as many as it may have. The caller has locked the project.
INSERT INTO queues (id, project_id, organization_id, environment, name, timezone, slots, account_ids, is_default,
                    jitter_minutes, paused_until, refill, created_at, updated_at)
SELECT $1, $2, $3, $4, q.name, q.timezone, q.slots, q.account_ids, q.is_default, q.jitter_minutes, q.paused_until,
       q.refill, $6, $6
  FROM json_to_record($5::json)
    AS q(name text, timezone text, slots text[], account_ids uuid[], is_default boolean, jitter_minutes int,
         paused_until timestamptz, refill jsonb)
 WHERE (SELECT count(*) FROM (SELECT FROM queues WHERE project_id = $2 LIMIT $7) o) < $7
RETURNING
-- include: presswork.queues columns.sql columns()
;

-- name: find_queue(organization, environment, id)
SELECT
-- include: presswork.queues columns.sql columns()
  FROM queues WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: lock_queue(organization, environment, id)
-- Who takes, moves or frees a slot by choice waits here, so that the next statement sees the slots of the one before.
SELECT
-- include: presswork.queues columns.sql columns()
  FROM queues WHERE id = $3 AND organization_id = $1 AND environment = $2 FOR NO KEY UPDATE;

-- name: lock_default_queue(organization, environment, project)
SELECT
-- include: presswork.queues columns.sql columns()
  FROM queues WHERE project_id = $3 AND is_default AND organization_id = $1 AND environment = $2 FOR NO KEY UPDATE;

-- name: find_default_queue(organization, environment, project)
SELECT
-- include: presswork.queues columns.sql columns()
  FROM queues WHERE project_id = $3 AND is_default AND organization_id = $1 AND environment = $2;

-- name: lock_queues(ids)
SELECT
-- include: presswork.queues columns.sql columns()
  FROM queues WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: list_queues(project, after_at, after_id, limit)
SELECT
-- include: presswork.queues columns.sql columns()
  FROM queues WHERE project_id = $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4;

-- name: has_default(project)
SELECT EXISTS (SELECT FROM queues WHERE project_id = $1 AND is_default);

-- name: unset_default(project)
UPDATE queues SET is_default = false WHERE project_id = $1 AND is_default;

-- name: set_oldest_default(project)
UPDATE queues SET is_default = true
 WHERE id = (SELECT id FROM queues WHERE project_id = $1 ORDER BY created_at, id LIMIT 1)
RETURNING id;

-- name: update_queue(id, queue, now)
UPDATE queues w
   SET name = q.name, timezone = q.timezone, slots = q.slots, account_ids = q.account_ids, is_default = q.is_default,
       jitter_minutes = q.jitter_minutes, paused_until = q.paused_until, refill = q.refill, updated_at = $3
  FROM json_to_record($2::json)
    AS q(name text, timezone text, slots text[], account_ids uuid[], is_default boolean, jitter_minutes int,
         paused_until timestamptz, refill jsonb)
 WHERE w.id = $1;

-- name: lock_queued_posts(queue)
-- In the order of ids: see db/errors.py.
SELECT p.id FROM queue_holds h JOIN scheduled_posts p ON p.id = h.post_id
 WHERE h.queue_id = $1 AND p.status = 'queued' ORDER BY p.id FOR NO KEY UPDATE OF p;

-- name: leave_slots(posts)
UPDATE scheduled_posts SET queue_id = NULL, slot_at = NULL WHERE id = ANY($1::uuid[]);

-- name: delete_queue(id)
DELETE FROM queues WHERE id = $1;

-- name: accounts_of(organization, environment, project, ids)
SELECT id FROM social_accounts
 WHERE id = ANY($4::uuid[]) AND organization_id = $1 AND environment = $2 AND project_id = $3
   AND status <> 'disconnected'
 ORDER BY id LIMIT 1000;

-- name: taken_slots(queue, from, accounts, leaving)
-- Slots in which one of the accounts has no room, once the posts that leave theirs are gone.
SELECT DISTINCT slot_at FROM queue_holds
 WHERE queue_id = $1 AND slot_at >= $2 AND social_account_id = ANY($3::uuid[])
   AND (post_id IS NULL OR post_id <> ALL($4::uuid[]))
 ORDER BY slot_at;

-- name: last_slot(queue, leaving)
SELECT slot_at FROM queue_holds WHERE queue_id = $1 AND (post_id IS NULL OR post_id <> ALL($2::uuid[]))
 ORDER BY slot_at DESC LIMIT 1;

-- name: list_holds(queue, from, until, limit)
SELECT slot_at, social_account_id, post_id, intent_id FROM queue_holds
 WHERE queue_id = $1 AND slot_at BETWEEN $2 AND coalesce($3::timestamptz, 'infinity')
 ORDER BY slot_at, social_account_id LIMIT $4;

-- name: hold_slot(queue, slot_at, accounts, posts, intent)
INSERT INTO queue_holds (queue_id, slot_at, social_account_id, post_id, intent_id)
SELECT $1, $2, t.account, t.post, $5 FROM unnest($3::uuid[], $4::uuid[]) AS t(account, post);
