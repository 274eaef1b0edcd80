-- name: insert_posts(posts, accounts, organization, environment, container, now, message, key, once, mark, body, detail)
-- plan: generic
-- The rows of a publish call by one plain INSERT per table: no check, no look-up.
WITH post AS (
    INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id,
                                 platform, mode, status, has_own_lane, scheduled_for, run_at, platform_state, error_count, version,
                                 created_at, updated_at)
    SELECT t.post_id, $5, $3, $4, $5, t.account_id, 'instagram', 'publish', 'queued', false, $6, $6, '{}', 0, 1, $6, $6
      FROM unnest($1::uuid[], $2::uuid[]) AS t(post_id, account_id)
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT t.post_id, $6, 'queued', $7::text, '{}' FROM unnest($1::uuid[]) AS t(post_id)
), claim AS (
    INSERT INTO idempotency_keys (key_id, route, idempotency_key, fingerprint, status, body, created_at)
    SELECT $8, 'POST /v1/content/{containerId}/publish', $9, $10, 200, $11, $6 WHERE $9::text IS NOT NULL
)
INSERT INTO audit_log (id, at, organization_id, environment, action, actor, key_id, operator_id, object_id, request_id,
                       detail)
SELECT gen_random_uuid(), $6, $3, $4, 'content.publish', 'api_key', $8, NULL, 'cnt_' || $5::uuid, NULL, $12
RETURNING true;
