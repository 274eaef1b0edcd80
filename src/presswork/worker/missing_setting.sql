-- name: wait_for_setting(id, version, now, until, since, lane, reason, event, message, detail)
-- Snoozes a post whose platform can't be called, together with the due posts of its lane. Those count the time without
-- the setting as well, so that they end with the first post. They keep their order. Each gets one timeline entry; the
-- first post gets another one when the reason changes.
WITH before AS (
    SELECT id, waits_for FROM scheduled_posts WHERE id = $1 AND version = $2 AND status = 'publishing' FOR UPDATE
), moved AS (
    UPDATE scheduled_posts p
       SET leased_by = NULL, leased_until = $4, missing_since = $5, waits_for = $7::text, updated_at = $3,
           version = p.version + 1
      FROM before b WHERE p.id = b.id
    RETURNING p.id, p.version, b.waits_for IS DISTINCT FROM $7::text AS is_news
), due AS (
    SELECT id, run_at, missing_since FROM scheduled_posts
     WHERE lane = $6 AND status = 'queued' AND run_at < $4 AND EXISTS (SELECT FROM moved) ORDER BY id FOR UPDATE
), behind AS (
    UPDATE scheduled_posts p
       SET run_at = $4, due_at = coalesce(p.due_at, p.run_at),
           missing_since = coalesce(d.missing_since, greatest($3, d.run_at)), updated_at = $3, version = p.version + 1
      FROM due d WHERE p.id = d.id
    RETURNING p.id, d.missing_since IS NULL AS is_news
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
WITH moved AS (
    UPDATE scheduled_posts SET missing_since = NULL, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' RETURNING version
), held AS (
    SELECT id FROM scheduled_posts
     WHERE lane = $3 AND status = 'queued' AND missing_since IS NOT NULL AND EXISTS (SELECT FROM moved)
     ORDER BY id FOR UPDATE
), behind AS (
    UPDATE scheduled_posts p
       SET missing_since = NULL, run_at = coalesce(p.due_at, p.run_at), due_at = NULL, version = p.version + 1
      FROM held h WHERE p.id = h.id
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
