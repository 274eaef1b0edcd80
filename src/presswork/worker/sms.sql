-- name: claim_texts(now, worker, leased_until, limit)
-- One that is being worked on is simply not due until its lease would end; who takes it then finds another version.
UPDATE text_messages t
   SET leased_by = $2, leased_until = $3, run_at = $3, version = version + 1, updated_at = greatest($1, c.updated_at)
  FROM (SELECT id, updated_at FROM text_messages WHERE status IN ('queued', 'sending') AND run_at <= $1
         ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED) c
 WHERE t.id = c.id
RETURNING t.id, t.container_id, t.environment, t.phone, t.body, t.kind, t.has_link, t.status, t.provider_id, t.called_at,
          t.asked_since, t.missing_since, t.sent_at, t.faults, t.version, t.created_at,
          c.updated_at AS told_at;

-- name: text_media(container)
SELECT object_key, content_type, size_bytes FROM media_assets WHERE container_id = $1 AND content_type IS NOT NULL
 ORDER BY position LIMIT 10;

-- name: keep_text(id, version, now, leased_until, status, provider_id, called_at, asked_since, missing_since, sent_at, faults)
-- Every write lengthens the lease.
UPDATE text_messages
   SET status = $5, provider_id = $6, called_at = $7, asked_since = $8, missing_since = $9, sent_at = $10, faults = $11,
       leased_until = $4, run_at = $4, updated_at = $3, version = version + 1
 WHERE id = $1 AND version = $2 AND status IN ('queued', 'sending') RETURNING version;

-- name: set_texts_right(ahead_of, latest)
-- Texts that were last written later than it is now: a clock was set back since. None of them waits longer than `latest`.
UPDATE text_messages SET run_at = $2
 WHERE status IN ('queued', 'sending') AND run_at > $2 AND run_at < 'infinity' AND updated_at > $1;

-- name: park_text(id, version, now, run_at)
UPDATE text_messages SET run_at = $4, leased_by = NULL, leased_until = NULL, updated_at = $3, version = version + 1
 WHERE id = $1 AND version = $2 AND status IN ('queued', 'sending') RETURNING version;

-- name: end_text(id, version, now, status, error)
-- The end of one is the beginning of the next; behind one that failed, nothing goes out any more.
WITH ended AS (
    UPDATE text_messages SET status = $4, error = $5, leased_by = NULL, leased_until = NULL, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 AND status IN ('queued', 'sending') RETURNING notice_id, position, status, version
), following AS (
    UPDATE text_messages t SET run_at = $3, version = t.version + 1 FROM ended e
     WHERE t.notice_id = e.notice_id AND t.position = e.position + 1 AND t.status = 'queued' AND e.status <> 'failed'
), stopped AS (
    UPDATE text_messages t
       SET status = 'failed', error = 'An earlier message of the three was not delivered.', updated_at = $3, version = t.version + 1
      FROM ended e
     WHERE t.notice_id = e.notice_id AND t.position > e.position AND t.status = 'queued' AND e.status = 'failed'
)
SELECT version FROM ended;

-- name: other_texts(provider_ids, limit)
SELECT provider_id FROM text_messages WHERE provider_id = ANY($1::text[]) ORDER BY provider_id LIMIT $2;

-- name: hand_over_texts(worker, now)
UPDATE text_messages SET run_at = $2, leased_by = NULL, leased_until = NULL, version = version + 1
 WHERE leased_by = $1 AND status IN ('queued', 'sending') RETURNING id;

-- name: sweep_texts(before, limit)
-- One that has ended is not written to any more, so `updated_at` is its end.
DELETE FROM text_messages WHERE id IN (
    SELECT id FROM text_messages WHERE status NOT IN ('queued', 'sending') AND updated_at < $1
     ORDER BY updated_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
);
