-- name: heartbeat(now, worker, version, posts, concurrency)
INSERT INTO workers (id, started_at, seen_at, version, posts_in_progress, concurrency)
VALUES ($2, coalesce($1, now()), coalesce($1, now()), $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, posts_in_progress = excluded.posts_in_progress;

-- name: delete_worker(worker)
DELETE FROM workers WHERE id = $1;
