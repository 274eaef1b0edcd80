-- Calls about comments: their leases, and what became of them.

-- name: claim(now, worker, lease, limit)
-- A leased call is due again when its lease ends. Replies on one post are written one after the other: none while
-- another is leased or may have been written, so that a look can't take the one for the other. Returns everything that
-- a call needs.
WITH due AS MATERIALIZED (
    SELECT l.comment_id, l.kind FROM comment_calls l
     WHERE l.run_at <= coalesce($1, now())
       AND (l.kind <> 'reply' OR NOT EXISTS (
            SELECT FROM comment_calls o
             WHERE o.post_id = l.post_id AND o.kind = 'reply' AND o.comment_id <> l.comment_id
               AND (o.called_at IS NOT NULL AND l.called_at IS NULL
                    OR o.leased_by IS NOT NULL AND o.run_at > coalesce($1, now())
                    OR o.run_at <= coalesce($1, now()) AND (o.called_at IS NOT NULL) = (l.called_at IS NOT NULL)
                       AND (o.asked_at, o.comment_id) < (l.asked_at, l.comment_id))
            OFFSET 0))
     ORDER BY l.run_at, l.comment_id, l.kind LIMIT $4 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE comment_calls c SET leased_by = $2, run_at = coalesce($1, now()) + $3::interval, version = c.version + 1
      FROM due d WHERE c.comment_id = d.comment_id AND c.kind = d.kind
    RETURNING c.*
)
SELECT l.comment_id, l.kind, l.version, l.post_id, l.is_wanted, l.progress::text AS progress, l.called_at, l.asked_at,
       l.gives_up_at, l.attempts, coalesce($1, now()) AS claimed_at, c.text AS reply_text,
       t.external_id, t.parent_external_id, coalesce(t.text, '') AS text, t.is_own, t.raw::text AS raw, t.deleted_at,
       (SELECT p.live_status FROM scheduled_posts p WHERE p.id = l.post_id) AS live_status
  FROM claimed l JOIN comments c ON c.id = l.comment_id
  LEFT JOIN comments t ON t.id = CASE l.kind WHEN 'reply' THEN c.reply_to ELSE c.id END
 ORDER BY l.asked_at, l.comment_id, l.kind;

-- name: renew(now, comments, kinds, worker, lease)
-- Also of a call that was replaced since: the new one waits until the former is over.
UPDATE comment_calls c SET run_at = coalesce($1, now()) + $5::interval
  FROM unnest($2::uuid[], $3::text[]) AS k(comment_id, kind)
 WHERE c.comment_id = k.comment_id AND c.kind = k.kind AND c.leased_by = $4 RETURNING c.comment_id, c.kind;

-- name: release(now, worker, comments, kinds)
UPDATE comment_calls c SET leased_by = NULL, run_at = coalesce($1, now())
 WHERE c.leased_by = $2
   AND NOT EXISTS (SELECT FROM unnest($3::uuid[], $4::text[]) AS k(comment_id, kind)
                    WHERE k.comment_id = c.comment_id AND k.kind = c.kind);

-- name: next_due(now)
SELECT run_at - coalesce($1, now()) FROM comment_calls
 WHERE run_at > coalesce($1, now()) ORDER BY run_at, comment_id, kind LIMIT 1;

-- name: save(comment, kind, version, called_at, progress)
-- No row back, here and below: the lease was lost, or the call was replaced.
UPDATE comment_calls SET called_at = $4, progress = $5::text::jsonb
 WHERE comment_id = $1 AND kind = $2 AND version = $3 RETURNING true;

-- name: retry(comment, kind, version, run_at, failures, progress)
UPDATE comment_calls SET run_at = $4, leased_by = NULL, attempts = attempts + $5, progress = $6::text::jsonb
 WHERE comment_id = $1 AND kind = $2 AND version = $3 RETURNING true;

-- name: settle_posted(comment, version, now, external_id)
-- A read may have stored the platform's copy already: that row goes.
WITH ended AS (
    DELETE FROM comment_calls WHERE comment_id = $1 AND kind = 'reply' AND version = $2 RETURNING comment_id
), copied AS (
    DELETE FROM comments c USING ended e, comments r
     WHERE r.id = e.comment_id AND c.social_account_id = r.social_account_id AND c.external_id = $4 AND c.id <> r.id
       AND c.reply_status IS NULL
    RETURNING c.offered, c.created_at
), moved AS (
    UPDATE comments c SET external_id = $4, reply_status = 'posted', error = NULL, settled_at = $3,
           offered = coalesce((SELECT offered FROM copied LIMIT 1), '{delete}'),
           created_at = coalesce((SELECT created_at FROM copied LIMIT 1), $3)
      FROM ended e WHERE c.id = e.comment_id RETURNING c AS comment
),
-- include: presswork.events outbox.sql comment_changed(moved, $3, 'comment.replied')
SELECT true FROM moved;

-- name: settle_not_posted(comment, version, now, reply_status, error)
-- The comment that it answers is open again: a reply had made it done.
WITH ended AS (
    DELETE FROM comment_calls WHERE comment_id = $1 AND kind = 'reply' AND version = $2 RETURNING comment_id
), moved AS (
    UPDATE comments c SET reply_status = $4, error = $5, settled_at = $3
      FROM ended e WHERE c.id = e.comment_id RETURNING c AS comment
), reopened AS (
    UPDATE comments c SET status = 'open'
      FROM moved m WHERE c.id = (m.comment).reply_to AND c.status = 'done'
),
-- include: presswork.events outbox.sql comment_changed(moved, $3, 'comment.reply_failed')
SELECT true FROM moved;

-- name: settle_done(comment, kind, version, now, raw)
-- Hidden, liked, deleted, or one of the first two taken back.
WITH ended AS (
    DELETE FROM comment_calls WHERE comment_id = $1 AND kind = $2 AND version = $3
    RETURNING comment_id, kind, is_wanted
)
UPDATE comments c
   SET is_hidden = CASE e.kind WHEN 'hide' THEN e.is_wanted ELSE c.is_hidden END,
       is_liked = CASE e.kind WHEN 'like' THEN e.is_wanted ELSE c.is_liked END,
       deleted_at = CASE e.kind WHEN 'delete' THEN coalesce(c.deleted_at, $4) ELSE c.deleted_at END,
       raw = coalesce($5::text::jsonb, c.raw), error = NULL, settled_at = $4
  FROM ended e WHERE c.id = e.comment_id RETURNING true;

-- name: settle_refused(comment, kind, version, now, error)
-- The comment shows again what it is on its platform.
WITH ended AS (
    DELETE FROM comment_calls WHERE comment_id = $1 AND kind = $2 AND version = $3
    RETURNING comment_id, kind, is_wanted
)
UPDATE comments c
   SET is_hidden = CASE e.kind WHEN 'hide' THEN NOT e.is_wanted ELSE c.is_hidden END,
       is_liked = CASE e.kind WHEN 'like' THEN NOT e.is_wanted ELSE c.is_liked END,
       deleted_at = CASE e.kind WHEN 'delete' THEN NULL ELSE c.deleted_at END,
       error = $5, settled_at = $4
  FROM ended e WHERE c.id = e.comment_id RETURNING true;
