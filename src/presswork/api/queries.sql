-- name: worker_seen_at(latest)
-- One that was seen later than now is no sign of life: its clock was set back, or its machine's is wrong.
SELECT max(seen_at) FROM workers WHERE seen_at <= $1;
