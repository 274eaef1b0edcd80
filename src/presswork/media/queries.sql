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
-- Whether media of a container, or of one of its assets, is served no more: it was deleted, or its project is archived.
-- A platform may still fetch what a post that can't be called back needs; such content can't be deleted.
SELECT EXISTS (
    SELECT FROM content_containers c JOIN projects j ON j.id = c.project_id
     WHERE c.id = coalesce($1, (SELECT container_id FROM media_assets WHERE id = $2))
       AND (c.status = 'deleted' OR j.status = 'archived'
            AND NOT EXISTS (SELECT FROM scheduled_posts p WHERE p.container_id = c.id AND p.status = 'publishing'
                               AND p.live_call_at IS NOT NULL)));

-- name: add_rendition(object_key, container, size_bytes, now)
-- No row: the media of the container was removed. With the lock, a removal comes wholly before, or takes this row too.
WITH owner AS (
    SELECT id, organization_id FROM content_containers
     WHERE id = $2 AND status <> 'deleted' AND media_removed_at IS NULL FOR KEY SHARE
)
INSERT INTO media_renditions AS r (object_key, container_id, organization_id, size_bytes, created_at)
SELECT $1, id, organization_id, $3, coalesce($4::timestamptz, now()) FROM owner
ON CONFLICT (object_key) DO UPDATE SET size_bytes = excluded.size_bytes
RETURNING true;

-- name: has_rendition(object_key)
SELECT EXISTS (SELECT FROM media_renditions WHERE object_key = $1);

-- name: add_removals(object_keys, now, due_in)
-- In the transaction that takes the names of the objects.
INSERT INTO media_removals (object_key, due_at, added_at)
SELECT DISTINCT k.key, coalesce($2::timestamptz, now()) + $3::interval, coalesce($2::timestamptz, now())
  FROM unnest($1::text[]) AS k(key) WHERE k.key IS NOT NULL
ON CONFLICT (object_key) DO NOTHING;

-- name: claim_removals(now, lease, limit)
UPDATE media_removals r SET due_at = coalesce($1::timestamptz, now()) + $2::interval
  FROM (SELECT object_key FROM media_removals WHERE due_at <= coalesce($1::timestamptz, now())
         ORDER BY due_at, object_key LIMIT $3 FOR UPDATE SKIP LOCKED) d
 WHERE r.object_key = d.object_key RETURNING r.object_key;

-- name: forget_removals(object_keys)
DELETE FROM media_removals WHERE object_key = ANY($1::text[]);

-- name: claim_sweep(now, lease)
-- The sweep of objects that no row names, if its next page is due: one worker at a time.
INSERT INTO media_sweep AS s (position, due_at) VALUES ('', coalesce($1::timestamptz, now()) + $2::interval)
ON CONFLICT (is_only) DO UPDATE SET due_at = excluded.due_at WHERE s.due_at <= coalesce($1::timestamptz, now())
RETURNING s.position, s.due_at;

-- name: move_sweep(position, now, due_in, leased_until)
-- No row: another worker has the sweep, because this one took longer than its lease.
UPDATE media_sweep SET position = $1, due_at = coalesce($2::timestamptz, now()) + $3::interval
 WHERE due_at = $4 RETURNING true;

-- name: known_organizations(ids)
SELECT id FROM organizations WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT 1000;

-- name: named_media(containers, object_keys)
-- Which of these originals and previews are named by the rows of these containers.
SELECT k.key FROM media_assets a
 CROSS JOIN LATERAL (VALUES (CASE WHEN a.removed_at IS NULL THEN a.object_key END), (a.thumbnail_key), (a.poster_key),
                            (CASE WHEN a.removed_at IS NULL THEN a.assembly_key END)) AS k(key)
 WHERE a.container_id = ANY($1::uuid[]) AND k.key = ANY($2::text[])
UNION ALL
SELECT p.object_key FROM media_assets a JOIN upload_parts p ON p.asset_id = a.id
 WHERE a.container_id = ANY($1::uuid[]) AND p.object_key = ANY($2::text[])
UNION ALL
SELECT c.link::json #>> '{picture,object_key}' FROM content_containers c
 WHERE c.id = ANY($1::uuid[]) AND c.status <> 'deleted' AND c.link::json #>> '{picture,object_key}' = ANY($2::text[])
 ORDER BY 1 LIMIT 10000;

-- name: named_logos(projects, object_keys)
SELECT branding ->> 'logo_key' AS key FROM projects
 WHERE id = ANY($1::uuid[]) AND branding ->> 'logo_key' = ANY($2::text[]) ORDER BY id LIMIT 1000;

-- name: named_renditions(object_keys)
SELECT object_key AS key FROM media_renditions WHERE object_key = ANY($1::text[]) ORDER BY object_key LIMIT 1000;

-- name: owners_of_assets(ids)
SELECT id, container_id, removed_at IS NOT NULL AS is_removed FROM media_assets
 WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT 1000;

-- name: count_removals()
-- What is still in the store and counts no more: the first ones of them, so that the cost has a bound.
SELECT count(*) FROM (SELECT FROM media_removals LIMIT 100000) r;
