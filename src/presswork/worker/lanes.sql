-- name: claim_lanes(now, worker, lease, limit, failing_limit)
-- Claims endpoints with a due delivery and without a lease, the least recently served first; at most `failing_limit` of
-- them are endpoints whose last attempt failed. The query steps through an index from one endpoint with pending
-- deliveries to the next, so a long backlog costs as much as one delivery. A paused endpoint receives only test pings;
-- its other deliveries are parked here, a part of a long backlog at a time, and are not in that index afterwards.
-- include: presswork.worker parts.sql pending_lanes()
), paused AS (
    SELECT e.id FROM webhook_endpoints e
     WHERE e.status = 'paused' AND e.id = ANY(ARRAY(
           SELECT l.endpoint_id
             FROM lane l CROSS JOIN LATERAL (SELECT status FROM webhook_endpoints WHERE id = l.endpoint_id LIMIT 1) s
            WHERE l.due_at <= coalesce($1, now()) AND s.status = 'paused' ORDER BY l.endpoint_id LIMIT 100))
     ORDER BY e.id LIMIT 100 FOR NO KEY UPDATE OF e SKIP LOCKED
), parked AS (
    UPDATE webhook_deliveries SET is_parked = true
     WHERE id = ANY(ARRAY(
           SELECT d.id
             FROM paused p
            CROSS JOIN LATERAL (SELECT id FROM webhook_deliveries
                                 WHERE endpoint_id = p.id AND status = 'pending' AND NOT is_parked
                                   AND event_type <> 'test.ping' ORDER BY due_at, position LIMIT 100) d
            ORDER BY p.id))
), free AS (
    SELECT e.id, e.turn_at, e.failures_in_row > 0 AS is_failing
      FROM lane l
     CROSS JOIN LATERAL (
           SELECT id, turn_at, failures_in_row FROM webhook_endpoints
            WHERE id = l.endpoint_id
              AND (leased_until IS NULL OR leased_until <= coalesce($1, now()))
              AND (rests_until IS NULL OR rests_until <= coalesce($1, now()))
              AND (status = 'active'
                   OR EXISTS (SELECT FROM webhook_deliveries t
                               WHERE t.endpoint_id = l.endpoint_id AND t.status = 'pending'
                                 AND t.event_type = 'test.ping' AND t.due_at <= coalesce($1, now()))) LIMIT 1) e
     WHERE l.due_at <= coalesce($1, now())
), chosen AS (
    (SELECT id, turn_at FROM free WHERE NOT is_failing ORDER BY turn_at, id LIMIT $4)
    UNION ALL
    (SELECT id, turn_at FROM free WHERE is_failing ORDER BY turn_at, id LIMIT $5)
), held AS (
    SELECT e.id FROM webhook_endpoints e JOIN chosen c ON c.id = e.id
     WHERE (e.leased_until IS NULL OR e.leased_until <= coalesce($1, now()))
     ORDER BY c.turn_at, e.id LIMIT $4 FOR NO KEY UPDATE OF e SKIP LOCKED
)
UPDATE webhook_endpoints e
   SET leased_by = $2, leased_until = coalesce($1, now()) + $3::interval, turn_at = coalesce($1, now())
 WHERE e.id = ANY(ARRAY(SELECT id FROM held))  -- by an array: a join reads the whole table
RETURNING e.id, e.organization_id, e.failures_in_row, coalesce($1, now()) AS claimed_at;

-- name: next_due(now)
-- How long until the next delivery is due, or the next rest of an endpoint ends.
-- include: presswork.worker parts.sql pending_lanes()
)
SELECT min(greatest(l.due_at, e.rests_until, e.leased_until)) - coalesce($1, now())
  FROM lane l CROSS JOIN LATERAL (
       SELECT status, rests_until, leased_until FROM webhook_endpoints WHERE id = l.endpoint_id LIMIT 1) e
 WHERE e.status = 'active' AND greatest(l.due_at, e.rests_until, e.leased_until) > coalesce($1, now());

-- name: take_batch(now, endpoint, holder, lease, max_due, limit)
-- Renews the lease and returns the due deliveries, only the first of each subject. A later delivery of a subject is due
-- no earlier than the one before it. Returns a row without a delivery if none is due, and no row if the lease is lost.
-- URL, secrets and has_review_urls are read with each batch: they may change while a worker has the lease.
WITH lane AS (
    UPDATE webhook_endpoints SET leased_until = coalesce($1, now()) + $4::interval
     WHERE id = $2 AND leased_by = $3
    RETURNING status, url, sealed_secret, made_by_approver AND changed_by_approver AS has_review_urls,
              CASE WHEN former_until > coalesce($1, now()) THEN former_secret END AS former_secret
), due AS MATERIALIZED (
    SELECT d.id, d.position, d.subject_id, d.due_at
      FROM webhook_deliveries d
     WHERE d.endpoint_id = $2 AND d.status = 'pending' AND NOT d.is_parked AND d.due_at <= coalesce($1, now())
       AND (d.event_type = 'test.ping' OR (SELECT status FROM lane) = 'active')
     ORDER BY d.due_at, d.position LIMIT $5
), behind AS MATERIALIZED (
    SELECT d.id, d.due_at AS was_due_at, b.due_at
      FROM due d CROSS JOIN LATERAL (
           SELECT max(e.due_at) AS due_at FROM webhook_deliveries e
            WHERE e.endpoint_id = $2 AND e.subject_id = d.subject_id AND e.status = 'pending'
              AND e.position < d.position) b
     WHERE b.due_at IS NOT NULL
), snoozed AS (
    UPDATE webhook_deliveries d SET due_at = b.due_at FROM behind b
     WHERE d.id = b.id AND b.due_at > b.was_due_at AND EXISTS (SELECT FROM lane)
), chosen AS (
    SELECT d.id, d.due_at, d.position FROM due d WHERE NOT EXISTS (SELECT FROM behind b WHERE b.id = d.id)
     ORDER BY d.due_at, d.position LIMIT $6
)
SELECT (SELECT count(*) FROM due) AS due_count, l.url, l.sealed_secret, l.former_secret, l.has_review_urls,
       d.id, d.event_id, d.event_type, d.occurred_at, d.data, d.attempts
  FROM lane l LEFT JOIN (chosen c JOIN webhook_deliveries d ON d.id = c.id) ON true
 ORDER BY c.due_at, c.position;

-- name: delivered(id, endpoint, now, entry)
-- A successful response counts, whichever worker has the lease now. Lock order: the endpoint, then its delivery.
WITH lane AS (
    SELECT id, failures_in_row > 0 OR rests_until IS NOT NULL AS was_failing FROM webhook_endpoints
     WHERE id = $2 FOR NO KEY UPDATE
), settled AS (
    UPDATE webhook_deliveries
       SET status = 'delivered', settled_at = $3, attempts = attempts + 1, attempt_log = attempt_log || $4::jsonb
     WHERE id = $1 AND status = 'pending' AND EXISTS (SELECT FROM lane)
), well AS (
    UPDATE webhook_endpoints e SET failures_in_row = 0, rests_until = NULL
      FROM lane l WHERE e.id = l.id AND l.was_failing
)
SELECT true;

-- name: not_delivered(id, endpoint, now, entry, attempts, due_at, rest, min_rest, rests_after, pause_after, gone, url)
-- Without `due_at` the delivery fails for good. No effect if another worker has made an attempt since, and none on an
-- endpoint that no longer has the URL that was tried.
WITH lane AS (
    SELECT id FROM webhook_endpoints WHERE id = $2 FOR NO KEY UPDATE
), settled AS (
    UPDATE webhook_deliveries
       SET status = CASE WHEN $6::timestamptz IS NULL THEN 'failed' ELSE 'pending' END,
           due_at = coalesce($6::timestamptz, due_at),
           settled_at = CASE WHEN $6::timestamptz IS NULL THEN $3::timestamptz END,
           attempts = attempts + 1, attempt_log = attempt_log || $4::jsonb
     WHERE id = $1 AND status = 'pending' AND attempts = $5 AND EXISTS (SELECT FROM lane) RETURNING id
), counted AS (
    UPDATE webhook_endpoints e
       SET failures_in_row = e.failures_in_row + 1,
           rests_until = greatest(e.rests_until, $3::timestamptz
               + CASE WHEN e.failures_in_row + 1 >= $9 THEN greatest($7::interval, $8::interval) ELSE $7::interval END),
           status = CASE WHEN $11 OR e.failures_in_row + 1 >= $10 THEN 'paused' ELSE e.status END,
           paused_at = CASE WHEN e.status = 'active' AND ($11 OR e.failures_in_row + 1 >= $10) THEN $3
                            ELSE e.paused_at END,
           paused_reason = CASE WHEN NOT (e.status = 'active' AND ($11 OR e.failures_in_row + 1 >= $10))
                                THEN e.paused_reason
                                WHEN $11 THEN 'gone' ELSE 'too_many_failures' END
      FROM settled
     WHERE e.id = $2 AND e.url = $12
    RETURNING e.id, e.organization_id, e.environment, e.project_id, e.url, e.status, e.failures_in_row, e.paused_at,
              e.paused_reason
), paused AS (
    SELECT id AS subject_id, organization_id, environment, project_id,
           json_build_object('endpointId', 'whe_' || id, 'projectId', 'prj_' || project_id,
                             'organizationId', 'org_' || organization_id, 'host', substring(url FROM '://([^/?#]+)'),
                             'reason', paused_reason, 'failuresInRow', failures_in_row)::text AS data
      FROM counted WHERE status = 'paused' AND paused_at = $3
),
-- include: presswork.events outbox.sql stated(paused, $3, 'webhook.paused')
SELECT status, failures_in_row FROM counted;

-- name: release_lane(endpoint, holder)
UPDATE webhook_endpoints SET leased_by = NULL, leased_until = NULL WHERE id = $1 AND leased_by = $2;

-- name: renew_lanes(now, endpoints, holders, lease)
UPDATE webhook_endpoints e SET leased_until = coalesce($1, now()) + $4::interval
  FROM unnest($2::uuid[], $3::text[]) AS h(id, holder)
 WHERE e.id = h.id AND e.leased_by = h.holder RETURNING e.id, e.leased_by;

-- name: release_lanes(worker, held)
-- Releases every endpoint of a worker except those in `held`. Owners of leases have the form `worker/number`.
UPDATE webhook_endpoints SET leased_by = NULL, leased_until = NULL
 WHERE starts_with(leased_by, $1::text || '/') AND leased_by || '/' || id <> ALL($2::text[]);
