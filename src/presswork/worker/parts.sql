-- name: lane_heads(is_due)
    SELECT p.id, p.run_at, p.created_at FROM scheduled_posts p
     WHERE p.status = 'queued' AND {is_due}
       AND p.lane NOT IN (SELECT lane FROM busy)
       AND (SELECT b.id FROM scheduled_posts b WHERE b.lane = p.lane AND b.status = 'publishing' LIMIT 1) IS NULL
       AND p.id <> ALL($5::uuid[])
       AND p.id = (SELECT e.id FROM scheduled_posts e WHERE e.lane = p.lane AND e.status = 'queued'
                      AND (coalesce(e.due_at, e.run_at) <= coalesce($1, now())
                           OR coalesce(e.due_at, e.run_at) <= e.created_at)
                    ORDER BY coalesce(e.due_at, e.run_at), e.created_at, e.id LIMIT 1)
     ORDER BY p.run_at, p.created_at, p.id LIMIT $4 FOR UPDATE SKIP LOCKED

-- name: pending_lanes()
WITH RECURSIVE lane AS (
    (SELECT endpoint_id, due_at FROM webhook_deliveries
      WHERE status = 'pending' ORDER BY endpoint_id, due_at, position LIMIT 1)
    UNION ALL
    SELECT n.endpoint_id, n.due_at
      FROM lane l CROSS JOIN LATERAL (
           SELECT endpoint_id, due_at FROM webhook_deliveries WHERE status = 'pending' AND endpoint_id > l.endpoint_id
            ORDER BY endpoint_id, due_at, position LIMIT 1) n
