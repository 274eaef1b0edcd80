-- Evergreen content: free slots of queues, and what fills them.

-- name: claim(worker, lease, now, limit)
UPDATE queues SET refilled_by = $1, refill_at = coalesce($3::timestamptz, now()) + $2::interval
 WHERE id IN (SELECT id FROM queues
               WHERE refill IS NOT NULL AND (refill_at IS NULL OR refill_at <= coalesce($3::timestamptz, now()))
               ORDER BY refill_at NULLS FIRST, id LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING id, project_id, organization_id, environment;

-- name: renew(worker, lease, now, ids)
UPDATE queues SET refill_at = coalesce($3::timestamptz, now()) + $2::interval
 WHERE id = ANY($4::uuid[]) AND refilled_by = $1 RETURNING id;

-- name: release(worker, held)
UPDATE queues SET refilled_by = NULL, refill_at = NULL
 WHERE refill IS NOT NULL AND refilled_by = $1 AND id <> ALL($2::uuid[]);

-- name: finish(id, worker, refill_at)
UPDATE queues SET refilled_by = NULL, refill_at = $3 WHERE id = $1 AND refilled_by = $2;

-- name: filled_slots(queue, from)
SELECT slot_at FROM queue_refills WHERE queue_id = $1 AND slot_at >= $2;

-- name: accounts(project, accounts)
-- Those that a queue posts to; null: all of the project.
SELECT id FROM social_accounts
 WHERE project_id = $1 AND status = 'connected' AND ($2::uuid[] IS NULL OR id = ANY($2))
 ORDER BY created_at, id LIMIT 50;

-- name: candidates(project, label, slot_at, cooldown, max_uses, queue, limit)
-- Content that may fill a slot, the least recently used first. A use is a post that was not canceled and has not
-- failed, those of other calls included; `max_uses` counts slots of this queue.
SELECT c.id FROM content_containers c
 CROSS JOIN LATERAL (
       SELECT max(p.scheduled_for) AS last_at,
              coalesce(bool_or(p.scheduled_for > $3::timestamptz - $4::interval
                               AND p.scheduled_for < $3::timestamptz + $4::interval), false) AS is_cooling
         FROM scheduled_posts p WHERE p.container_id = c.id AND p.status NOT IN ('canceled', 'failed')) u
 WHERE c.project_id = $1 AND c.status = 'completed' AND c.labels <> '{}' AND c.labels @> ARRAY[$2::text]
   AND c.approval_status IN ('approved', 'not_required') AND c.media_removed_at IS NULL AND NOT u.is_cooling
   AND ($5::int IS NULL OR $5 > (
       SELECT count(*) FROM queue_refills f
        WHERE f.container_id = c.id AND f.queue_id = $6
          AND EXISTS (SELECT FROM scheduled_posts p
                       WHERE p.id = ANY(f.post_ids) AND p.status NOT IN ('canceled', 'failed'))))
 ORDER BY u.last_at NULLS FIRST, c.created_at, c.id LIMIT $7;

-- name: insert_refill(queue, slot_at, container, posts, now)
INSERT INTO queue_refills (queue_id, slot_at, container_id, post_ids, made_at) VALUES ($1, $2, $3, $4, $5);
