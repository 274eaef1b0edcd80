-- Recurring posts: the rules, and the occurrences that were made.

-- name: lock_container(id, organization, environment)
-- Before the recurrence, in the order of decisions on the content. A publish call does not wait for it.
SELECT project_id FROM content_containers WHERE id = $1 AND organization_id = $2 AND environment = $3
   FOR NO KEY UPDATE;

-- name: find_container(id, organization, environment)
SELECT project_id FROM content_containers WHERE id = $1 AND organization_id = $2 AND environment = $3;

-- name: insert(id, project, organization, environment, container, caller, now, most)
-- No row if the container has as many active ones as it may have. What it says is written by `write`.
INSERT INTO recurrences (id, project_id, organization_id, environment, container_id, caller, every, unit, weekdays,
                         local_time, timezone, targets, captions, starts_on, created_at, updated_at)
SELECT $1, $2, $3, $4, $5, $6, 1, 'day', '{}', '00:00', 'UTC', '[]', '{}', $7::timestamptz, $7::timestamptz,
       $7::timestamptz
 WHERE (SELECT count(*) FROM (SELECT FROM recurrences WHERE container_id = $5 AND run_at IS NOT NULL LIMIT $8) r) < $8
RETURNING id;

-- name: write(id, now, starts_on, next_on, made, document)
-- `document` has the columns of the rule, the targets and the captions.
UPDATE recurrences r
   SET every = d.every, unit = d.unit, weekdays = d.weekdays, month_day = d.month_day, local_time = d.local_time,
       timezone = d.timezone, until = d.until, max_count = d.max_count, targets = d.targets, captions = d.captions,
       starts_on = $3, next_on = $4, made = $5, run_at = $2, error = NULL, error_count = 0, ended_at = NULL,
       updated_at = $2
  FROM json_to_record($6::json) AS d(every integer, unit text, weekdays text[], month_day integer, local_time time,
                                     timezone text, until timestamptz, max_count integer, targets text, captions text[])
 WHERE r.id = $1;

-- name: find(id, organization, environment, now)
SELECT
-- include: presswork.recurrences columns.sql recurrence(r, $4)
  FROM recurrences r WHERE r.id = $1 AND r.organization_id = $2 AND r.environment = $3;

-- name: lock(id)
SELECT id FROM recurrences WHERE id = $1 FOR NO KEY UPDATE;

-- name: list_of_container(container, now, after_at, after_id, limit)
SELECT
-- include: presswork.recurrences columns.sql recurrence(r, $2)
  FROM recurrences r WHERE r.container_id = $1 AND (r.created_at, r.id) > ($3, $4)
 ORDER BY r.created_at, r.id LIMIT $5;

-- name: list_of_project(project, now, after_at, after_id, limit)
SELECT
-- include: presswork.recurrences columns.sql recurrence(r, $2)
  FROM recurrences r WHERE r.project_id = $1 AND (r.created_at, r.id) > ($3, $4)
 ORDER BY r.created_at, r.id LIMIT $5;

-- name: insert_occurrence(recurrence, day, at, posts, now)
-- No row if it was made before.
INSERT INTO recurrence_occurrences (recurrence_id, day, at, post_ids, made_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING true;

-- name: advance(id, made, next_on, run_at)
UPDATE recurrences SET made = $2, next_on = $3, run_at = $4, leased_by = NULL, error = NULL, error_count = 0
 WHERE id = $1;

-- name: exhaust(id, made)
-- No occurrence is left to make: it ends with the last one.
UPDATE recurrences SET made = $2, next_on = NULL, run_at = NULL, leased_by = NULL, error = NULL, error_count = 0,
       ended_at = coalesce((SELECT max(at) FROM recurrence_occurrences WHERE recurrence_id = $1), updated_at)
 WHERE id = $1;

-- name: set_error(id, error, run_at, now)
-- A recurrence that was changed or ended since is left alone.
UPDATE recurrences SET error = $2, error_count = error_count + 1, run_at = $3, leased_by = NULL, updated_at = $4
 WHERE id = $1 AND run_at IS NOT NULL;

-- name: finish(id, now)
UPDATE recurrences SET next_on = NULL, run_at = NULL, leased_by = NULL, ended_at = $2, updated_at = $2 WHERE id = $1;

-- name: take_open(id, after, with_moved)
-- The posts of occurrences after an instant that are still queued. Without the moved ones, their occurrences may be
-- made again.
WITH open AS (
    SELECT o.day, p.id AS post_id
      FROM recurrence_occurrences o
      LEFT JOIN LATERAL unnest(o.post_ids) AS u(id) ON true
      LEFT JOIN scheduled_posts p ON p.id = u.id AND p.status = 'queued' AND ($3 OR p.scheduled_for = o.at)
      LEFT JOIN schedule_intents i ON p.id IS NULL AND i.occurrence_at = o.at AND i.recurrence_id = $1
                                  AND ($3 OR i.scheduled_for = o.at)
       AND i.container_id = (SELECT container_id FROM recurrences WHERE id = $1)
     WHERE o.recurrence_id = $1 AND o.at > $2 AND (p.id IS NOT NULL OR i.id IS NOT NULL)
), forgotten AS (
    DELETE FROM recurrence_occurrences WHERE recurrence_id = $1 AND NOT $3 AND day IN (SELECT day FROM open)
    RETURNING day
)
SELECT ARRAY(SELECT post_id FROM open WHERE post_id IS NOT NULL ORDER BY post_id) AS post_ids,
       (SELECT count(*) FROM forgotten) AS forgotten;

-- name: drop_intents(id, now, with_moved)
-- Without the moved ones, and those whose time has passed, all.
WITH dropped AS (
    DELETE FROM schedule_intents
     WHERE container_id = (SELECT container_id FROM recurrences WHERE id = $1) AND recurrence_id = $1
       AND ($3 OR scheduled_for = occurrence_at AND occurrence_at > $2)
    RETURNING id
)
SELECT count(*) FROM dropped;

-- name: end_of_container(container, now)
UPDATE recurrences SET next_on = NULL, run_at = NULL, leased_by = NULL, ended_at = $2, updated_at = $2
 WHERE container_id = $1 AND (ended_at IS NULL OR ended_at > $2);

-- name: erase_of_container(container)
-- Its texts. The recurrence stays, which has ended: posts name it.
UPDATE recurrences SET targets = '[]', captions = '{}' WHERE container_id = $1;

-- name: end_of_project(project, now)
UPDATE recurrences SET next_on = NULL, run_at = NULL, leased_by = NULL, ended_at = $2, updated_at = $2
 WHERE project_id = $1 AND (ended_at IS NULL OR ended_at > $2);

-- name: lock_of_account(account, name, now)
SELECT r.id FROM recurrences r
 WHERE r.project_id = (SELECT project_id FROM social_accounts WHERE id = $1)
   AND (r.ended_at IS NULL OR r.ended_at > $3) AND position($2 IN r.targets) > 0
 ORDER BY r.id FOR NO KEY UPDATE;

-- name: drop_targets(ids, name, now)
-- Without a target that is left, it ends, and so does a call that waits.
WITH kept AS (
    SELECT r.id, r.container_id, (SELECT json_agg(t) FROM json_array_elements(r.targets::json) AS t
                                   WHERE t ->> 'socialAccountId' <> $2)::text AS targets
      FROM recurrences r WHERE r.id = ANY($1::uuid[])
), changed AS (
    UPDATE recurrences r
       SET targets = coalesce(k.targets, r.targets), updated_at = $3,
           next_on = CASE WHEN k.targets IS NOT NULL THEN r.next_on END,
           run_at = CASE WHEN k.targets IS NOT NULL THEN r.run_at END,
           ended_at = CASE WHEN k.targets IS NOT NULL THEN r.ended_at ELSE $3 END
      FROM kept k WHERE r.id = k.id
), calls AS (
    UPDATE schedule_intents i
       SET targets = (SELECT json_agg(t) FROM json_array_elements(i.targets::json) AS t
                       WHERE t ->> 'socialAccountId' <> $2)::text
      FROM kept k WHERE i.container_id = k.container_id AND i.recurrence_id = k.id AND k.targets IS NOT NULL
), dropped AS (
    DELETE FROM schedule_intents i USING kept k
     WHERE i.container_id = k.container_id AND i.recurrence_id = k.id AND k.targets IS NULL
)
SELECT count(*) FROM kept;

-- name: claim(worker, lease, now, limit)
UPDATE recurrences SET leased_by = $1, run_at = coalesce($3::timestamptz, now()) + $2::interval
 WHERE id IN (SELECT id FROM recurrences WHERE run_at <= coalesce($3::timestamptz, now())
               ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING id, organization_id, environment, caller, error_count;

-- name: renew(worker, lease, now, ids)
UPDATE recurrences SET run_at = coalesce($3::timestamptz, now()) + $2::interval
 WHERE id = ANY($4::uuid[]) AND leased_by = $1 RETURNING id;

-- name: release(worker, held)
UPDATE recurrences SET leased_by = NULL, run_at = created_at
 WHERE run_at IS NOT NULL AND leased_by = $1 AND id <> ALL($2::uuid[]);
