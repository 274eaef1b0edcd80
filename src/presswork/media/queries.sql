-- name: insert_grant(id, post, object_key, expires_at)
INSERT INTO media_grants (id, post_id, object_key, expires_at) VALUES ($1, $2, $3, $4);

-- name: fetch_grant(id, now)
-- Recorded before the first byte is served. A withdrawal that runs at the same time waits for this row, or has come
-- first: then no row comes back.
UPDATE media_grants SET fetched_at = coalesce(fetched_at, $2)
 WHERE id = $1 AND withdrawn_at IS NULL AND expires_at > $2 RETURNING object_key;

-- name: revoke_grants(post, now)
-- Every row is locked before anything is decided, so that a fetch comes wholly before (and is seen) or wholly after.
WITH locked AS MATERIALIZED (
    SELECT id, fetched_at FROM media_grants WHERE post_id = $1 ORDER BY id FOR UPDATE
), summary AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE fetched_at IS NOT NULL) AS fetched FROM locked
), switched_off AS (
    UPDATE media_grants AS g SET withdrawn_at = coalesce(g.withdrawn_at, $2) FROM summary
     WHERE summary.fetched = 0 AND g.id IN (SELECT id FROM locked)
)
SELECT fetched = 0 FROM summary;

-- name: sweep_grants(expired_before, limit)
-- What a post at work has handed out is kept however old it is: whether it was fetched decides if the post may go
-- again.
DELETE FROM media_grants WHERE id IN (
    SELECT g.id FROM media_grants g
     WHERE g.expires_at < $1
       AND NOT EXISTS (SELECT 1 FROM scheduled_posts p WHERE p.id = g.post_id AND p.status IN ('queued', 'publishing'))
     ORDER BY g.expires_at LIMIT $2 FOR UPDATE OF g SKIP LOCKED
);

-- name: claim_rendition(object_key, holder, lease, now)
-- One row comes back where no other worker holds the lease, or it has lapsed. No row: another conversion is under
-- way, or failed a short while ago.
INSERT INTO rendition_leases AS l (object_key, holder, leased_until)
VALUES ($1, $2, coalesce($4::timestamptz, now()) + $3::interval)
ON CONFLICT (object_key) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until, refusal = NULL
 WHERE l.leased_until < coalesce($4::timestamptz, now())
RETURNING l.object_key;

-- name: rendition_refusal(object_key, now)
SELECT refusal FROM rendition_leases WHERE object_key = $1 AND leased_until >= coalesce($2::timestamptz, now());

-- name: renew_rendition(object_key, holder, lease, now)
UPDATE rendition_leases SET leased_until = coalesce($4::timestamptz, now()) + $3::interval
 WHERE object_key = $1 AND holder = $2 AND refusal IS NULL RETURNING object_key;

-- name: refuse_rendition(object_key, holder, kept, refusal, now)
UPDATE rendition_leases SET leased_until = coalesce($5::timestamptz, now()) + $3::interval, refusal = $4
 WHERE object_key = $1 AND holder = $2 RETURNING object_key;

-- name: release_rendition(object_key, holder, lapsed_for, limit, now)
-- Also deletes what crashed workers and old refusals left behind, a few rows at a time.
DELETE FROM rendition_leases WHERE object_key IN (
    SELECT object_key FROM rendition_leases
     WHERE (object_key = $1 AND holder = $2) OR leased_until < coalesce($5::timestamptz, now()) - $3::interval
     ORDER BY object_key = $1 DESC, leased_until LIMIT $4 FOR UPDATE SKIP LOCKED
);

-- name: is_closed(container, asset)
-- Whether media of a container, or of one of its assets, is served no more: its project is archived. A platform may
-- still fetch what a post that can't be called back needs.
SELECT EXISTS (
    SELECT FROM content_containers c JOIN projects j ON j.id = c.project_id
     WHERE c.id = coalesce($1, (SELECT container_id FROM media_assets WHERE id = $2)) AND j.status = 'archived'
       AND NOT EXISTS (SELECT FROM scheduled_posts p WHERE p.container_id = c.id AND p.status = 'publishing'
                          AND p.live_call_at IS NOT NULL));
