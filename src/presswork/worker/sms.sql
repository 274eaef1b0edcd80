-- name: claim_sms(now, worker, lease, limit, newer)
-- A leased message is due again when its lease ends. Every claim increments the version.
-- `newer`: messages that only a newer version of Presswork can send.
UPDATE text_messages t
   SET leased_by = $2, leased_until = coalesce($1, now()) + $3::interval, run_at = coalesce($1, now()) + $3::interval,
       version = version + 1, updated_at = greatest(coalesce($1, now()), t.updated_at)
  FROM (SELECT id FROM text_messages WHERE status IN ('queued', 'sending') AND run_at <= coalesce($1, now())
           AND id <> ALL($5::uuid[])
         ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED) c
 WHERE t.id = c.id
RETURNING t.id, t.container_id, t.environment, t.phone, t.body, t.kind, t.has_link, t.status, t.provider_id,
          t.called_at, t.looks, t.sent_at, t.error_count, t.version, t.created_at, t.leased_until;

-- name: renew_sms(now, ids, worker, lease)
UPDATE text_messages SET leased_until = coalesce($1, now()) + $4::interval, run_at = coalesce($1, now()) + $4::interval
 WHERE id = ANY($2::uuid[]) AND leased_by = $3 AND status IN ('queued', 'sending') RETURNING id;

-- name: sms_leased_by_others(ids, worker)
SELECT id FROM text_messages
 WHERE id = ANY($1::uuid[]) AND leased_by <> $2 AND status IN ('queued', 'sending') ORDER BY id LIMIT 1000;

-- name: next_sms_due(now)
SELECT run_at - coalesce($1, now()) FROM text_messages
 WHERE status IN ('queued', 'sending') AND run_at > coalesce($1, now()) AND run_at < 'infinity'
 ORDER BY run_at, id LIMIT 1;

-- name: sms_media(container)
SELECT object_key, content_type, size_bytes FROM media_assets WHERE container_id = $1 AND content_type IS NOT NULL
 ORDER BY position LIMIT 35;

-- name: save_sms(id, version, now, leased_until, status, provider_id, called_at, looks, sent_at, error_count)
-- Every write extends the lease.
UPDATE text_messages
   SET status = $5, provider_id = $6, called_at = $7, looks = $8, sent_at = $9, error_count = $10, leased_until = $4,
       run_at = $4, updated_at = $3, version = version + 1
 WHERE id = $1 AND version = $2 AND status IN ('queued', 'sending') RETURNING version;

-- name: snooze_sms(id, version, now, run_at)
UPDATE text_messages SET run_at = $4, leased_by = NULL, leased_until = NULL, updated_at = $3, version = version + 1
 WHERE id = $1 AND version = $2 AND status IN ('queued', 'sending') RETURNING version;

-- name: end_sms(id, version, now, status, error)
-- Ends a message. The next one of its notice becomes due; if this one failed, the remaining ones fail.
WITH ended AS (
    UPDATE text_messages SET status = $4, error = $5, leased_by = NULL, leased_until = NULL, updated_at = $3,
           version = version + 1
     WHERE id = $1 AND version = $2 AND status IN ('queued', 'sending') RETURNING notice_id, position, status, version
), following AS (
    UPDATE text_messages t SET run_at = $3, version = t.version + 1 FROM ended e
     WHERE t.notice_id = e.notice_id AND t.position = e.position + 1 AND t.status = 'queued' AND e.status <> 'failed'
), stopped AS (
    UPDATE text_messages t
       SET status = 'failed', error = 'An earlier message of the three was not delivered.', updated_at = $3,
           version = t.version + 1
      FROM ended e
     WHERE t.notice_id = e.notice_id AND t.position > e.position AND t.status = 'queued' AND e.status = 'failed'
)
SELECT version FROM ended;

-- name: other_sms(provider_ids, limit)
SELECT provider_id FROM text_messages WHERE provider_id = ANY($1::text[]) ORDER BY provider_id LIMIT $2;

-- name: release_sms(now, worker, held)
UPDATE text_messages SET run_at = coalesce($1, now()), leased_by = NULL, leased_until = NULL, version = version + 1
 WHERE leased_by = $2 AND status IN ('queued', 'sending') AND id <> ALL($3::uuid[]);

-- name: release_one_sms(id, worker, now)
UPDATE text_messages SET run_at = coalesce($3, now()), leased_by = NULL, leased_until = NULL, version = version + 1
 WHERE id = $1 AND leased_by = $2 AND status IN ('queued', 'sending');

-- name: sweep_sms(now, kept_for, limit)
-- A message is not written after its end, so `updated_at` is its end.
DELETE FROM text_messages WHERE id IN (
    SELECT id FROM text_messages
     WHERE status NOT IN ('queued', 'sending') AND updated_at < coalesce($1, now()) - $2::interval
     ORDER BY updated_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
);
