-- name: insert_grant(id, post, object_key, expires_at)
INSERT INTO media_grants (id, post_id, object_key, expires_at) VALUES ($1, $2, $3, $4);

-- name: fetch_grant(id, now)
-- Told before the first byte is served. A withdrawal that runs at the same time waits for this row, or has come first:
-- then no row comes back.
UPDATE media_grants SET fetched_at = coalesce(fetched_at, $2)
 WHERE id = $1 AND withdrawn_at IS NULL AND expires_at > $2 RETURNING object_key;

-- name: withdraw_grants(post, now)
-- Every row is locked before anything is decided, so that a fetch comes wholly before (and is seen) or wholly after.
WITH locked AS MATERIALIZED (
    SELECT id, fetched_at FROM media_grants WHERE post_id = $1 ORDER BY id FOR UPDATE
), told AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE fetched_at IS NOT NULL) AS fetched FROM locked
), switched_off AS (
    UPDATE media_grants AS g SET withdrawn_at = coalesce(g.withdrawn_at, $2) FROM told
     WHERE told.fetched = 0 AND g.id IN (SELECT id FROM locked)
)
SELECT fetched = 0 FROM told;

-- name: sweep_grants(expired_before, limit)
-- What a post at work has handed out is kept however old it is: whether it was fetched decides if the post may go
-- again.
DELETE FROM media_grants WHERE id IN (
    SELECT g.id FROM media_grants g
     WHERE g.expires_at < $1
       AND NOT EXISTS (SELECT 1 FROM scheduled_posts p WHERE p.id = g.post_id AND p.status IN ('queued', 'publishing'))
     ORDER BY g.expires_at LIMIT $2 FOR UPDATE OF g SKIP LOCKED
);
