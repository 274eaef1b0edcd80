-- What is read of a queue.

-- name: columns()
       id, project_id, name, timezone, slots, account_ids, is_default, jitter_minutes, paused_until,
       refill::text AS refill, created_at, updated_at
