-- name: heartbeat(now, worker)
INSERT INTO workers (id, started_at, seen_at) VALUES ($2, coalesce($1, now()), coalesce($1, now()))
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at;

-- name: delete_worker(worker)
DELETE FROM workers WHERE id = $1;
