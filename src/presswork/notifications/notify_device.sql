-- name: insert_text(id, notice, position, container, organization, environment, kind, phone, body, has_link, now)
-- The first message is due now; each of the others waits until the one before it is in a final state.
INSERT INTO text_messages (id, notice_id, position, container_id, organization_id, environment, kind, phone, body,
                           has_link,
                           status, run_at, created_at, updated_at)
VALUES ($1, $2, $3::smallint, $4, $5, $6, $7, $8, $9, $10, 'queued', CASE WHEN $3::smallint = 0 THEN $11::timestamptz
        ELSE 'infinity' END, $11, $11);

-- name: environment_of_text(id)
SELECT environment FROM text_messages WHERE id = $1;

-- name: environment_of_draft(post)
SELECT environment FROM scheduled_posts WHERE id = $1 AND mode = 'draft';

-- name: wake_text(id, now)
-- A message that a worker has leased is not changed, since that worker queries the service anyway.
UPDATE text_messages SET run_at = $2 WHERE id = $1 AND status = 'sending' AND leased_by IS NULL AND run_at > $2
       RETURNING id;
