-- name: is_worker_seen(now, within)
-- A heartbeat in the future does not count: the database's clock was set back since.
SELECT EXISTS (SELECT FROM workers
                WHERE seen_at BETWEEN coalesce($1, now()) - $2::interval AND coalesce($1, now()) + $2::interval);
