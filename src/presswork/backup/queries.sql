-- name: keep_session()
-- The session of the snapshot is idle while pg_dump reads: no limit of the server ends it, and `doctor` knows it by its
-- name. Servers before PostgreSQL 17 have no transaction_timeout.
SELECT set_config('application_name', 'presswork backup', true),
       (SELECT count(set_config(name, '0', true)) FROM pg_settings
         WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout'));

-- name: snapshot()
-- The instant of a backup: pg_dump reads the same snapshot as this transaction.
SELECT pg_export_snapshot() AS snapshot, current_setting('server_version') AS server,
       (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = to_regclass('schema_migrations')) AS schema,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS has_trigrams;

-- name: workers_seen(now, within)
-- Workers write the time of the server, which a fast clock of the command must not make old.
SELECT count(*) FROM workers WHERE seen_at > least($1, now()) - $2::interval;

-- name: migrations()
SELECT version FROM schema_migrations ORDER BY version;

-- name: target()
-- The database to restore into: how many objects it has, and whether pg_trgm is or can be installed.
SELECT current_schema() AS schema, current_setting('server_version_num')::int / 10000 AS major,
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema()
           AND NOT EXISTS (SELECT FROM pg_depend d
                            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) AS things,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')
           OR (EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')
               AND has_database_privilege(current_database(), 'CREATE')) AS has_trigrams;

-- name: contents(mark)
-- What the operator needs to know of a restored database.
SELECT (SELECT count(*) FROM scheduled_posts) AS posts,
       (SELECT count(*) FROM scheduled_posts WHERE status = 'queued' AND strpos(platform_state, $1) = 0) AS waiting,
       (SELECT min(run_at) FROM scheduled_posts WHERE status = 'queued' AND run_at < 'infinity'
        AND strpos(platform_state, $1) = 0) AS next_due_at,
       (SELECT count(*) FROM social_accounts WHERE status = 'connected') AS accounts,
       (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL AND killed_at IS NULL) AS keys;
