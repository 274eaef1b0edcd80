-- Taking down and changing live posts: what the API asks for, which a worker does.

-- name: lock_post(organization, environment, id)
-- The lock decides between two calls, and between a call and a worker that stores its outcome.
SELECT p.id, p.project_id, p.container_id, p.mode, p.status, p.live_status, p.live_advice,
       p.last_edit::text AS last_edit, p.external_url, p.caption_override, p.first_comment_override, p.options, p.parts,
       a.id AS account_id, a.login, a.status AS account_status, a.scopes
  FROM scheduled_posts p JOIN social_accounts a ON a.id = p.social_account_id
 WHERE p.id = $3 AND p.organization_id = $1 AND p.environment = $2
   FOR UPDATE OF p;

-- name: is_erased(organization, environment, post)
-- Whether the words of a post's content were erased. The lock lets an erasure come wholly before, or see what follows.
SELECT c.erased_at IS NOT NULL FROM scheduled_posts p JOIN content_containers c ON c.id = p.container_id
 WHERE p.id = $3 AND p.organization_id = $1 AND p.environment = $2
   FOR KEY SHARE OF c;

-- name: list_posts(organization, environment, container)
SELECT id FROM scheduled_posts
 WHERE container_id = $3 AND organization_id = $1 AND environment = $2 ORDER BY id;

-- name: container_exists(organization, environment, id)
SELECT true FROM content_containers WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: ask_take_down(id, now, gives_up_at, message, detail, comment_message, extra_message)
-- Ends what was still to follow: a worker that is at it can write nothing more about this post, and the change waits
-- until its lease is over. A change that is not done yet is replaced, and keeps its lease for the same reason.
WITH moved AS (
    UPDATE scheduled_posts p
       SET live_status = 'taking_down', live_advice = NULL,
           last_edit = CASE WHEN p.last_edit ->> 'status' = 'pending'
                            THEN json_build_object('status', 'failed', 'message', $4::text)::jsonb
                            ELSE p.last_edit END,
           first_comment_status = CASE WHEN EXISTS (
                   SELECT FROM post_follow_ups f WHERE f.post_id = p.id AND f.needs_comment)
               THEN coalesce(p.first_comment_status, 'failed') ELSE p.first_comment_status END,
           extras = coalesce((
               SELECT jsonb_agg(CASE WHEN e.extra ->> 'status' = 'pending'
                                     THEN e.extra || jsonb_build_object('status', 'failed', 'message', $7::text)
                                     ELSE e.extra END ORDER BY e.place)
                 FROM jsonb_array_elements(p.extras) WITH ORDINALITY AS e(extra, place)), '[]'),
           updated_at = $2, version = p.version + 1
     WHERE p.id = $1 AND p.status = 'published' RETURNING p.id
), follow_up AS (
    UPDATE post_follow_ups f
       SET needs_location = false, needs_comment = false, needs_extras = false, attempts = f.attempts + 1,
           run_at = CASE WHEN f.leased_by IS NULL THEN least(f.run_at, $2) ELSE f.run_at END
      FROM moved m WHERE f.post_id = m.id
), change AS (
    INSERT INTO live_changes AS c (post_id, kind, asked_at, gives_up_at, run_at)
    SELECT id, 'take_down', $2, $3, '-infinity' FROM moved
    ON CONFLICT (post_id) DO UPDATE
       SET kind = 'take_down', edit = NULL, progress = CASE c.kind WHEN 'take_down' THEN c.progress ELSE '{}' END,
           asked_at = $2, gives_up_at = $3, attempts = 0, ended_at = NULL, version = c.version + 1,
           run_at = CASE WHEN c.leased_by IS NULL THEN '-infinity' ELSE c.run_at END
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT m.id, $2, e.event, e.message, e.detail
      FROM moved m
     CROSS JOIN LATERAL (
           SELECT 1 AS place, 'taking_down' AS event, $4::text AS message, $5::text AS detail
           UNION ALL
           SELECT 2, 'first_comment', $6::text, '{}' FROM post_follow_ups f WHERE f.post_id = m.id AND f.needs_comment
           UNION ALL
           SELECT 3, 'extra', $7::text, '{}' FROM post_follow_ups f WHERE f.post_id = m.id AND f.needs_extras
     ) e
     ORDER BY e.place
)
SELECT id FROM moved;

-- name: refuse_take_down(id, now, live_status, live_advice, message, detail)
-- No call can take it down.
WITH moved AS (
    UPDATE scheduled_posts p SET live_status = $3, live_advice = $4, updated_at = $2, version = p.version + 1
     WHERE p.id = $1 AND p.status = 'published' RETURNING p.id, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $2, 'take_down_failed', $5, $6 FROM moved
),
-- include: presswork.events outbox.sql live_changed(moved, $2, 'post.take_down_failed')
SELECT id FROM moved;

-- name: ask_edit(id, now, gives_up_at, edit, last_edit, message, detail)
-- A change that is not done yet is done with this one, once the effect of its last call can't come later.
WITH moved AS (
    UPDATE scheduled_posts p SET last_edit = $5::text::jsonb, updated_at = $2, version = p.version + 1
     WHERE p.id = $1 AND p.status = 'published' RETURNING p.id
), change AS (
    INSERT INTO live_changes AS c (post_id, kind, edit, asked_at, gives_up_at, run_at)
    SELECT id, 'edit', $4::text::jsonb, $2, $3, '-infinity' FROM moved
    ON CONFLICT (post_id) DO UPDATE
       SET kind = 'edit', edit = coalesce(c.edit, '{}') || excluded.edit, asked_at = $2, gives_up_at = $3,
           progress = CASE WHEN c.kind = 'edit' AND c.ended_at IS NULL
                           THEN jsonb_strip_nulls(jsonb_build_object('edit_called_at', c.progress -> 'edit_called_at'))
                           ELSE '{}' END,
           attempts = 0, ended_at = NULL, version = c.version + 1,
           run_at = CASE WHEN c.leased_by IS NULL THEN '-infinity' ELSE c.run_at END
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $2, 'editing_live', $6, $7 FROM moved
)
SELECT id FROM moved;
