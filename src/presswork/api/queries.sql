-- name: worker_seen_at(latest)
-- A heartbeat in the future does not count: the worker's clock is wrong, or was set back.
SELECT max(seen_at) FROM workers WHERE seen_at <= $1;
