-- name: lane_heads(is_due, limit, newer)
    SELECT p.id, p.run_at, p.created_at FROM scheduled_posts p
     WHERE p.status = 'queued' AND {is_due}
       AND p.lane NOT IN (SELECT lane FROM busy)
       AND (SELECT b.id FROM scheduled_posts b WHERE b.lane = p.lane AND b.status = 'publishing' LIMIT 1) IS NULL
       AND p.id <> ALL({newer}::uuid[])
       AND p.id = (SELECT e.id FROM scheduled_posts e WHERE e.lane = p.lane AND e.status = 'queued'
                      AND (coalesce(e.due_at, e.run_at) <= coalesce($1, now())
                           OR coalesce(e.due_at, e.run_at) <= e.created_at)
                    ORDER BY coalesce(e.due_at, e.run_at), e.created_at, e.id LIMIT 1)
     ORDER BY p.run_at, p.created_at, p.id LIMIT {limit} FOR UPDATE SKIP LOCKED

-- name: parsable(column)
-- A damaged document as a JSON text of its characters: nothing is lost, and code that needs an object finds none.
CASE WHEN is_json({column}) THEN {column} ELSE to_json({column})::text END

-- name: owned_posts(condition)
-- The posts of $1, a JSON array, whose version is the given one, locked by ascending id. A row that another transaction
-- has locked is left out instead of waited for, so that it delays no other (see `written`).
given AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1::json) AS g(
           place int, id uuid, version int, at timestamptz, entries json, state text, reference text,
           external_id text, external_url text, extras jsonb, needs_location boolean, needs_comment boolean,
           follow_up_at timestamptz, gives_up_at timestamptz)
), owned AS MATERIALIZED (
    SELECT given.* FROM given JOIN scheduled_posts p ON p.id = given.id
     WHERE p.version = given.version AND {condition}
     ORDER BY p.id FOR UPDATE OF p SKIP LOCKED
)

-- name: written(condition)
-- Their timeline entries, and each post's new version. Without one, `stored` is the version before this statement, if
-- the condition held: if that is the given version, another transaction has locked the row, or just changed it.
entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT m.id, e.at, e.event, e.message, e.detail
      FROM moved m
     CROSS JOIN LATERAL json_to_recordset(m.entries) AS e(at timestamptz, event text, message text, detail text)
)
SELECT g.place, m.version, CASE WHEN m.place IS NULL
       THEN (SELECT p.version FROM scheduled_posts p WHERE p.id = g.id AND {condition}) END AS stored
  FROM given g LEFT JOIN moved m ON m.place = g.place

-- name: pending_lanes()
WITH RECURSIVE lane AS (
    (SELECT endpoint_id, due_at FROM webhook_deliveries
      WHERE status = 'pending' AND NOT is_parked ORDER BY endpoint_id, due_at, position LIMIT 1)
    UNION ALL
    SELECT n.endpoint_id, n.due_at
      FROM lane l CROSS JOIN LATERAL (
           SELECT endpoint_id, due_at FROM webhook_deliveries
            WHERE status = 'pending' AND NOT is_parked AND endpoint_id > l.endpoint_id
            ORDER BY endpoint_id, due_at, position LIMIT 1) n
