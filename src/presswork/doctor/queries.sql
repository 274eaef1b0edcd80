-- name: newest_seals(limit)
-- Newest first, by their ids, which are ordered by time.
SELECT sealed_tokens FROM social_accounts WHERE status = 'connected' AND sealed_tokens IS NOT NULL ORDER BY id DESC
       LIMIT $1;

-- name: newest_media(limit)
SELECT object_key FROM media_assets WHERE verified_at IS NOT NULL ORDER BY id DESC LIMIT $1;

-- name: first_organization()
-- The organization that was created first: that of the people who run the installation.
SELECT id FROM organizations ORDER BY created_at, id LIMIT 1;

-- name: claim_checks(run, now, lease)
-- Lets one process at a time run the checks. No row: another one runs them, and its lease has not expired.
INSERT INTO system_checks AS c (is_only, run_id, running_until)
VALUES (true, $1, coalesce($2, now()) + $3::interval)
ON CONFLICT (is_only) DO UPDATE SET run_id = excluded.run_id, running_until = excluded.running_until
 WHERE c.running_until IS NULL OR c.running_until <= coalesce($2, now())
RETURNING coalesce($2, now());

-- name: finish_checks(run, now, started_at, host, findings, media_files, media_bytes)
-- Of two runs whose leases overlapped, the later one counts.
UPDATE system_checks
   SET running_until = NULL, started_at = $3, finished_at = coalesce($2, now()), host = $4, findings = $5::text,
       media_files = $6, media_bytes = $7
 WHERE is_only AND run_id = $1 RETURNING finished_at;

-- name: release_checks(run)
UPDATE system_checks SET running_until = NULL WHERE is_only AND run_id = $1;

-- name: last_checks(now)
SELECT running_until > coalesce($1, now()) AS is_running, coalesce($1, now()) AS now, started_at, finished_at, host,
       findings, media_files, media_bytes
  FROM system_checks WHERE is_only;

-- name: record_app_check(login, source, hint, result, message, now)
-- Unless a newer response is stored.
INSERT INTO app_checks (login, source, client_id_hint, result, message, checked_at)
VALUES ($1, $2, $3, $4, $5, coalesce($6, now()))
ON CONFLICT (login) DO UPDATE SET source = excluded.source, client_id_hint = excluded.client_id_hint,
    result = excluded.result, message = excluded.message, checked_at = excluded.checked_at
 WHERE app_checks.checked_at <= excluded.checked_at;

-- name: app_checks()
SELECT login, source, client_id_hint, result, message, checked_at FROM app_checks ORDER BY login LIMIT 100;

-- name: forget_app_check(login)
DELETE FROM app_checks WHERE login = $1;

-- name: stored_media()
-- Reads the whole table: for the checks, never for a request.
SELECT a.files + r.files AS files, (a.bytes + r.bytes)::bigint AS bytes
  FROM (SELECT count(*) AS files, coalesce(sum(size_bytes), 0) AS bytes FROM media_assets
         WHERE size_bytes IS NOT NULL AND removed_at IS NULL) a
 CROSS JOIN (SELECT count(*) AS files, coalesce(sum(size_bytes), 0) AS bytes FROM media_renditions) r;

-- name: workers_alive(now, seen_within, limit)
SELECT id, version, started_at, seen_at, posts_in_progress, concurrency FROM workers
 WHERE seen_at BETWEEN coalesce($1, now()) - $2::interval AND coalesce($1, now()) + $2::interval
 ORDER BY started_at, id LIMIT $3;

-- name: server(now)
SELECT coalesce($1, now()) AS now, current_setting('server_version') AS version,
       pg_database_size(current_database()) AS database_bytes,
       (SELECT sum(numbackends)::integer FROM pg_stat_database) AS connections,
       current_setting('max_connections')::integer AS max_connections,
       (SELECT max(version) FROM schema_migrations) AS schema;

-- name: record_backup(id, taken_at, finished_at, file, host, size_bytes, has_keys, media)
INSERT INTO backups (id, taken_at, finished_at, file, host, size_bytes, has_keys, media)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: forget_backups(kept)
DELETE FROM backups WHERE id IN (SELECT id FROM backups ORDER BY taken_at DESC, id DESC OFFSET $1 LIMIT 1000);

-- name: last_backup()
SELECT taken_at, finished_at, file, host, size_bytes, has_keys, media FROM backups
 ORDER BY taken_at DESC, id DESC LIMIT 1;
