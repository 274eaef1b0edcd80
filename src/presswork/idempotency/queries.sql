-- name: find_reply(key, route, idempotency_key, stale_before)
SELECT fingerprint, status, body FROM idempotency_keys
 WHERE key_id = $1 AND route = $2 AND idempotency_key = $3 AND created_at >= $4;

-- name: claim_reply(key, route, idempotency_key, fingerprint, now, stale_before)
-- A concurrent request with the same key waits here until the first commits or rolls back. No row: the first has
-- stored its reply.
INSERT INTO idempotency_keys AS k (key_id, route, idempotency_key, fingerprint, status, body, created_at)
VALUES ($1, $2, $3, $4, 0, '', $5)
ON CONFLICT (key_id, route, idempotency_key) DO UPDATE
   SET fingerprint = excluded.fingerprint, status = 0, body = '', created_at = excluded.created_at
 WHERE k.created_at < $6
RETURNING 1;

-- name: store_reply(key, route, idempotency_key, status, body)
UPDATE idempotency_keys SET status = $4, body = $5 WHERE key_id = $1 AND route = $2 AND idempotency_key = $3;

-- name: sweep_replies(stale_before, limit)
DELETE FROM idempotency_keys WHERE ctid IN (
    SELECT ctid FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
);
