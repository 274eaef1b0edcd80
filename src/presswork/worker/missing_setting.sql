-- name: wait_for_setting(id, version, now, until, since, lane, reason, event, message, detail)
-- Lets go of a post whose platform can't be called, and moves its lane's other due posts behind it. The setting is missing
-- for those just as long, so that they come to an end with it. They keep their places. Each is told once; the post again
-- when the reason changes.
WITH before AS (
    SELECT id, waits_for FROM scheduled_posts WHERE id = $1 AND version = $2 AND status = 'publishing' FOR UPDATE
), moved AS (
    UPDATE scheduled_posts p
       SET leased_by = NULL, leased_until = $4, missing_since = $5, waits_for = $7::text, updated_at = $3, version = p.version + 1
      FROM before b WHERE p.id = b.id
    RETURNING p.id, p.version, b.waits_for IS DISTINCT FROM $7::text AS is_news
), due AS (
    SELECT id, run_at, missing_since FROM scheduled_posts
     WHERE lane = $6 AND status = 'queued' AND run_at < $4 AND EXISTS (SELECT FROM moved) ORDER BY id FOR UPDATE
), behind AS (
    UPDATE scheduled_posts p
       SET run_at = $4, due_at = coalesce(p.due_at, p.run_at), missing_since = coalesce(d.missing_since, greatest($3, d.run_at)), updated_at = $3, version = p.version + 1
      FROM due d WHERE p.id = d.id
    RETURNING p.id, d.missing_since IS NULL AS is_news
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, $3, $8::text, $9::text, $10::text FROM moved WHERE is_news
     UNION ALL
    SELECT id, $3, $8::text, $9::text, ($10::jsonb || jsonb_build_object('behind', 'sp_' || $1::text))::text FROM behind WHERE is_news
)
SELECT version FROM moved;

-- name: setting_is_there(id, version, lane)
-- What was missing has come back: those behind are due as they were, and another time it is waited for as long again.
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
