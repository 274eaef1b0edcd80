-- name: lock_organization(organization)
-- Serializes calls that create endpoints, so that they can't exceed the limit together.
SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: count_endpoints(organization, environment, limit)
SELECT count(*) FROM (SELECT FROM webhook_endpoints WHERE organization_id = $1 AND environment = $2 LIMIT $3) e;

-- name: insert_endpoint(id, organization, environment, project, url, description, events, secret, now, is_approver)
INSERT INTO webhook_endpoints AS e (id, organization_id, environment, project_id, url, description, events, status,
                                    sealed_secret, created_at, updated_at, made_by_approver, changed_by_approver)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', $8, $9, $9, $10, $10)
RETURNING
-- include: presswork.webhooks columns.sql endpoint(e)

-- name: find_endpoint(id, organization, environment)
SELECT
-- include: presswork.webhooks columns.sql endpoint(e)
  FROM webhook_endpoints e WHERE id = $1 AND organization_id = $2 AND environment = $3;

-- name: lock_endpoint(id, organization, environment)
SELECT e.sealed_secret,
-- include: presswork.webhooks columns.sql endpoint(e)
  FROM webhook_endpoints e WHERE id = $1 AND organization_id = $2 AND environment = $3 FOR NO KEY UPDATE;

-- name: list_endpoints(organization, environment, after_at, after_id, limit, projects)
-- `projects` are those of a caller who sees only some: then without the endpoints of the whole organization.
SELECT
-- include: presswork.webhooks columns.sql endpoint(e)
  FROM webhook_endpoints e WHERE organization_id = $1 AND environment = $2 AND (created_at, id) > ($3, $4)
   AND ($6::uuid[] IS NULL OR project_id = ANY($6))
 ORDER BY created_at, id LIMIT $5;

-- name: change_endpoint(id, url, description, events, now, is_approver)
-- Failures of a former URL don't count.
UPDATE webhook_endpoints
   SET failures_in_row = CASE WHEN url = $2 THEN failures_in_row ELSE 0 END,
       rests_until = CASE WHEN url = $2 THEN rests_until END,
       url = $2, description = $3, events = $4, updated_at = $5, changed_by_approver = $6
 WHERE id = $1;

-- name: pause_endpoint(id, now)
UPDATE webhook_endpoints SET status = 'paused', paused_at = $2, paused_reason = 'by_request', updated_at = $2
 WHERE id = $1 AND status = 'active';

-- name: resume_endpoint(id, now)
-- Deliveries that wait for a retry are due now as well: an endpoint is resumed after it has been fixed.
WITH resumed AS (
    UPDATE webhook_endpoints SET status = 'active', paused_at = NULL, paused_reason = NULL, failures_in_row = 0,
           rests_until = NULL, updated_at = $2
     WHERE id = $1 AND status = 'paused' RETURNING id
)
UPDATE webhook_deliveries d SET due_at = '-infinity' FROM resumed r
 WHERE d.endpoint_id = r.id AND d.status = 'pending' AND d.due_at > '-infinity';

-- name: rotate_secret(id, sealed_secret, former_secret, former_until, now)
UPDATE webhook_endpoints SET sealed_secret = $2, former_secret = $3, former_until = $4, updated_at = $5 WHERE id = $1;

-- name: clear_former_secrets(now)
UPDATE webhook_endpoints SET former_secret = NULL, former_until = NULL WHERE former_until <= $1;

-- name: delete_endpoint(id)
-- Finished deliveries are swept by age; without the endpoint they are no longer visible.
WITH deleted AS (DELETE FROM webhook_endpoints WHERE id = $1 RETURNING id)
DELETE FROM webhook_deliveries d USING deleted e WHERE d.endpoint_id = e.id AND d.status = 'pending';

-- name: insert_delivery(id, endpoint, organization, environment, event, type, occurred_at, data, now, replay_of)
-- Without a subject, so that it does not wait for earlier deliveries.
INSERT INTO webhook_deliveries AS d (id, endpoint_id, organization_id, environment, event_id, event_type, occurred_at,
                                     data, status, due_at, replay_of, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', '-infinity', $10, $9)
RETURNING
-- include: presswork.webhooks columns.sql delivery(d)

-- name: lock_delivery(id, organization, environment)
-- Locked until the replay is written. No row if the endpoint was deleted.
SELECT e.status AS endpoint_status,
-- include: presswork.webhooks columns.sql delivery(d)
  FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
 WHERE d.id = $1 AND d.organization_id = $2 AND d.environment = $3 FOR NO KEY UPDATE OF d;

-- name: expedite_delivery(id)
-- The delivery is due now, and so are those of the same subject that wait behind it.
WITH expedited AS (
    UPDATE webhook_deliveries d SET due_at = '-infinity' WHERE d.id = $1 AND d.status = 'pending'
    RETURNING d.position, d.subject_id,
-- include: presswork.webhooks columns.sql delivery(d)
), behind AS (
    UPDATE webhook_deliveries b SET due_at = '-infinity' FROM expedited h
     WHERE b.endpoint_id = h.endpoint_id AND b.subject_id = h.subject_id AND b.status = 'pending'
       AND b.position > h.position
)
SELECT
-- include: presswork.webhooks columns.sql delivery(d)
  FROM expedited d;

-- name: position_of_delivery(endpoint, id)
SELECT position FROM webhook_deliveries WHERE id = $2 AND endpoint_id = $1;

-- name: list_deliveries(endpoint, statuses, types, before, limit)
-- plan: custom
-- Select up to a page of each status and type, then the first of those: a page costs a few lookups in one index.
SELECT
-- include: presswork.webhooks columns.sql delivery(d)
  FROM unnest($2::text[]) AS s(status) CROSS JOIN unnest($3::text[]) AS t(type)
 CROSS JOIN LATERAL (
       SELECT d.position,
-- include: presswork.webhooks columns.sql delivery(d)
         FROM webhook_deliveries d
        WHERE d.endpoint_id = $1 AND d.status = s.status AND d.event_type = t.type AND d.position < $4
        ORDER BY d.position DESC LIMIT $5) d
 ORDER BY d.position DESC LIMIT $5;

-- name: backlog()
-- The number of pending deliveries of active endpoints, and when the oldest was created.
SELECT count(d.id) AS pending, min(d.created_at) AS oldest_at
  FROM webhook_endpoints e
  JOIN webhook_deliveries d ON d.endpoint_id = e.id AND d.status = 'pending'
 WHERE e.status = 'active';

-- name: sweep_deliveries(older_than, limit)
-- By an array, so that no kept plan reads the whole table.
DELETE FROM webhook_deliveries WHERE id = ANY(ARRAY(
    SELECT id FROM webhook_deliveries WHERE id < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED));

-- name: expire_deliveries(older_than, now, limit, kept_for)
-- Deliveries that have waited too long for a paused endpoint. The pause must be as long: before it they are retried.
UPDATE webhook_deliveries SET status = 'failed', settled_at = $2
 WHERE id IN (SELECT d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id
               WHERE e.status = 'paused' AND e.paused_at < $2::timestamptz - $4::interval
                 AND d.status = 'pending' AND d.id < $1
               ORDER BY d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED);
