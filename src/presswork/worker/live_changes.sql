-- Changes of live posts: their leases, and what became of them.

-- name: claim(now, worker, lease, limit)
-- A leased change is due again when its lease ends. A change waits while a worker adds something to its post: nothing
-- may be added to a post that is taken down. With OFFSET that is one probe for each change, and no join.
UPDATE live_changes c SET leased_by = $2, run_at = coalesce($1, now()) + $3::interval, version = c.version + 1
  FROM (SELECT l.post_id FROM live_changes l
         WHERE l.ended_at IS NULL AND l.run_at <= coalesce($1, now())
           AND NOT EXISTS (SELECT FROM post_follow_ups f
                            WHERE f.post_id = l.post_id AND f.leased_by IS NOT NULL AND f.run_at > coalesce($1, now())
                           OFFSET 0)
         ORDER BY l.run_at, l.post_id LIMIT $4 FOR UPDATE SKIP LOCKED) d
 WHERE c.post_id = d.post_id
RETURNING c.post_id, c.version, c.kind, c.edit::text AS edit, c.progress::text AS progress, c.gives_up_at, c.attempts,
          coalesce($1, now()) AS claimed_at;

-- name: renew(now, posts, worker, lease)
-- Also of a change that was replaced since: the new one waits until the call of the former is over.
UPDATE live_changes SET run_at = coalesce($1, now()) + $4::interval
 WHERE post_id = ANY($2::uuid[]) AND leased_by = $3 RETURNING post_id;

-- name: release(now, worker, held)
UPDATE live_changes SET leased_by = NULL, run_at = coalesce($1, now())
 WHERE leased_by = $2 AND post_id <> ALL($3::uuid[]);

-- name: next_due(now)
SELECT run_at - coalesce($1, now()) FROM live_changes
 WHERE ended_at IS NULL AND run_at > coalesce($1, now()) ORDER BY run_at, post_id LIMIT 1;

-- name: save(post, version, progress)
-- No row back, here and below: the lease was lost, or the change was replaced.
UPDATE live_changes SET progress = $3::text::jsonb
 WHERE post_id = $1 AND version = $2 AND ended_at IS NULL RETURNING true;

-- name: retry(post, version, now, run_at, failures, progress, event, message, detail)
WITH kept AS (
    UPDATE live_changes SET run_at = $4, leased_by = NULL, attempts = attempts + $5, progress = $6::text::jsonb
     WHERE post_id = $1 AND version = $2 AND ended_at IS NULL RETURNING post_id
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT post_id, $3, $7, $8::text, $9 FROM kept WHERE $8::text IS NOT NULL
)
SELECT true FROM kept;

-- name: settle_take_down(post, version, now, live_status, live_advice, progress, event, message, detail, type)
WITH owned AS (
    SELECT id FROM scheduled_posts WHERE id = $1 FOR UPDATE
), ended AS (
    UPDATE live_changes c SET ended_at = $3, leased_by = NULL, progress = $6::text::jsonb
      FROM owned o WHERE c.post_id = o.id AND c.version = $2 AND c.ended_at IS NULL RETURNING c.post_id
), moved AS (
    UPDATE scheduled_posts p SET live_status = $4, live_advice = $5, updated_at = $3, version = p.version + 1
      FROM ended e WHERE p.id = e.post_id RETURNING p.id, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $7, $8, $9 FROM moved
),
-- include: presswork.events outbox.sql live_changed(moved, $3, $10::text)
SELECT true FROM moved;

-- name: settle_edited(post, version, now, caption, options, last_edit, message, detail)
-- The post shows what is live.
WITH owned AS (
    SELECT id FROM scheduled_posts WHERE id = $1 FOR UPDATE
), ended AS (
    UPDATE live_changes c SET ended_at = $3, leased_by = NULL, edit = NULL
      FROM owned o WHERE c.post_id = o.id AND c.version = $2 AND c.ended_at IS NULL RETURNING c.post_id
), moved AS (
    UPDATE scheduled_posts p SET caption_override = coalesce($4, p.caption_override), options = $5,
           fill = CASE WHEN $4 IS NULL THEN p.fill ELSE jsonb_set(p.fill, '{texts,caption}', to_jsonb($4::text)) END,
           last_edit = $6::text::jsonb, revision = p.revision + 1, updated_at = $3, version = p.version + 1
      FROM ended e WHERE p.id = e.post_id RETURNING p.id, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, 'edited_live', $7, $8 FROM moved
),
-- include: presswork.events outbox.sql live_changed(moved, $3, 'post.edited')
SELECT true FROM moved;

-- name: settle_edit_failed(post, version, now, last_edit, message, detail)
WITH owned AS (
    SELECT id FROM scheduled_posts WHERE id = $1 FOR UPDATE
), ended AS (
    UPDATE live_changes c SET ended_at = $3, leased_by = NULL, edit = NULL
      FROM owned o WHERE c.post_id = o.id AND c.version = $2 AND c.ended_at IS NULL RETURNING c.post_id
), moved AS (
    UPDATE scheduled_posts p SET last_edit = $4::text::jsonb, updated_at = $3, version = p.version + 1
      FROM ended e WHERE p.id = e.post_id RETURNING p.id
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, 'edit_failed', $5, $6 FROM moved
)
SELECT true FROM moved;
