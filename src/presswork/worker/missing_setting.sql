-- name: wait_for_setting(id, version, now, until, since, lane, reason, event, message, detail)
-- Snoozes a post whose platform can't be called, together with the due posts of its lane. Those count the time without
-- the setting as well, so that they end with the first post. They keep their order. All are locked by ascending id
-- first. Each gets one timeline entry; the first post gets another one when the reason changes.
WITH locked AS (
    SELECT p.id, p.waits_for, p.missing_since FROM scheduled_posts p
     WHERE p.id = ANY(ARRAY(
           SELECT $1::uuid
           UNION ALL
           SELECT q.id FROM scheduled_posts q WHERE q.lane = $6 AND q.status = 'queued' AND q.run_at < $4))
     ORDER BY p.id FOR UPDATE
), moved AS (
    UPDATE scheduled_posts p
       SET leased_by = NULL, leased_until = $4, missing_since = $5, waits_for = $7::text, updated_at = $3,
           version = p.version + 1
      FROM locked l WHERE p.id = $1 AND l.id = p.id AND p.version = $2 AND p.status = 'publishing'
    RETURNING p.id, p.version, l.waits_for IS DISTINCT FROM $7::text AS is_news
), behind AS (
    UPDATE scheduled_posts q
       SET run_at = $4, due_at = coalesce(q.due_at, q.run_at),
           missing_since = coalesce(q.missing_since, greatest($3, q.run_at)), updated_at = $3, version = q.version + 1
      FROM locked l, moved m WHERE q.id = l.id AND q.id <> m.id AND q.status = 'queued' AND q.run_at < $4
    RETURNING q.id, l.missing_since IS NULL AS is_news
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, $3, $8::text, $9::text, $10::text FROM moved WHERE is_news
     UNION ALL
    SELECT id, $3, $8::text, $9::text, ($10::jsonb || jsonb_build_object('behind', 'sp_' || $1::text))::text
      FROM behind WHERE is_news
)
SELECT version FROM moved;

-- name: setting_is_there(id, version, lane)
-- The setting is there: the posts behind get their due times back, and a later wait starts with a full time limit.
WITH locked AS (
    SELECT p.id FROM scheduled_posts p
     WHERE p.id = ANY(ARRAY(
           SELECT $1::uuid
           UNION ALL
           SELECT q.id FROM scheduled_posts q
            WHERE q.lane = $3 AND q.status = 'queued' AND q.missing_since IS NOT NULL))
     ORDER BY p.id FOR UPDATE
), moved AS (
    UPDATE scheduled_posts p SET missing_since = NULL, version = p.version + 1
      FROM locked l
     WHERE p.id = $1 AND l.id = p.id AND p.version = $2 AND p.status = 'publishing' RETURNING p.id, p.version
), behind AS (
    UPDATE scheduled_posts q
       SET missing_since = NULL, run_at = coalesce(q.due_at, q.run_at), due_at = NULL, version = q.version + 1
      FROM locked l, moved m
     WHERE q.id = l.id AND q.id <> m.id AND q.status = 'queued' AND q.missing_since IS NOT NULL
)
SELECT version FROM moved;

-- name: wake_blocked(now, limit)
-- Posts that wait for a setting are due now. One that a worker has leased is not changed.
WITH waiting AS (
    SELECT id FROM scheduled_posts
     WHERE status = 'publishing' AND missing_since IS NOT NULL AND leased_by IS NULL
       AND leased_until > coalesce($1, now())
     ORDER BY leased_until, id LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE scheduled_posts p SET leased_until = coalesce($1, now()) FROM waiting w WHERE p.id = w.id;
