-- name: server_settings()
SELECT name, setting FROM pg_settings
 WHERE name IN ('autovacuum', 'default_transaction_read_only', 'fsync', 'full_page_writes', 'max_connections',
                'superuser_reserved_connections', 'synchronous_commit')
 ORDER BY name;

-- name: sessions()
-- Each process of Presswork has one session for LISTEN.
SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS all_of_them,
       count(*) FILTER (WHERE datname = current_database() AND application_name = 'presswork listen') AS processes
  FROM pg_stat_activity;

-- name: grants()
-- Tables on which this session's role has no right that the program needs, and whether it could change the audit log.
SELECT coalesce(array_agg(relname ORDER BY relname) FILTER (WHERE NOT has_all), '{}')::text[] AS out_of_reach,
       coalesce(bool_or(could_change) FILTER (WHERE relname = 'audit_log'), false) AS can_change_log
  FROM (SELECT c.relname, has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') AS could_change,
               has_table_privilege(c.oid, 'SELECT') AND (c.relname = 'schema_migrations'
                                                         OR has_table_privilege(c.oid, 'INSERT'))
               AND (c.relname IN ('schema_migrations', 'audit_log')
                    OR has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')) AS has_all
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')) t;

-- name: idle_transactions(longer_than)
-- Sessions of a backup or restore are idle while others of theirs are at work.
SELECT pid, coalesce(nullif(application_name, ''), 'a program without a name') AS program,
       clock_timestamp() - xact_start AS lasted
  FROM pg_stat_activity
 WHERE datname = current_database() AND state LIKE 'idle in transaction%'
   AND application_name <> 'presswork backup' AND clock_timestamp() - state_change >= $1::interval
 ORDER BY xact_start, pid LIMIT 10;

-- name: old_snapshots(longer_than)
-- Sessions that are at work and have been in one transaction for this long, such as a dump: no row that was changed or
-- deleted since can be removed.
SELECT pid, coalesce(nullif(application_name, ''), 'a program without a name') AS program,
       clock_timestamp() - xact_start AS lasted
  FROM pg_stat_activity
 WHERE datname = current_database() AND state = 'active' AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
   AND backend_type = 'client backend' AND clock_timestamp() - xact_start >= $1::interval
 ORDER BY xact_start, pid LIMIT 10;

-- name: blocked(longer_than)
-- Sessions that have been waiting for a lock for this long, and the holders.
SELECT a.pid, coalesce(nullif(a.application_name, ''), 'a program without a name') AS program,
       pg_blocking_pids(a.pid) AS held_by,
       clock_timestamp() - l.waitstart AS lasted
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE NOT l.granted AND a.datname = current_database() AND clock_timestamp() - l.waitstart >= $1::interval
 ORDER BY l.waitstart, a.pid LIMIT 10;

-- name: dead_rows(at_least)
-- Tables more than a third of which is dead rows: autovacuum begins at a fifth. For posts it begins at a
-- five-hundredth, so a fiftieth is far behind.
SELECT relname, n_dead_tup, n_live_tup FROM pg_stat_user_tables
 WHERE n_dead_tup >= $1 AND n_dead_tup > n_live_tup / CASE relname WHEN 'scheduled_posts' THEN 50 ELSE 2 END
 ORDER BY n_dead_tup DESC, relname LIMIT 3;

-- name: oldest_transaction()
SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database();

-- name: audit_log_age()
-- The oldest entry of the audit log, and whether workers of this role may delete it.
SELECT (SELECT at FROM audit_log ORDER BY at, id LIMIT 1) AS oldest_at,
       has_table_privilege('audit_log', 'DELETE') AS may_delete, now() AS now;

-- name: workers_ahead(by)
-- Workers whose clock is ahead of the database's.
SELECT id, seen_at - clock_timestamp() AS ahead FROM workers WHERE seen_at > clock_timestamp() + $1::interval
       ORDER BY seen_at DESC, id LIMIT 10;

-- name: some_tokens()
SELECT sealed_tokens FROM social_accounts WHERE sealed_tokens IS NOT NULL ORDER BY id DESC LIMIT 20;

-- name: missing_settings()
SELECT waits_for, count(*) AS posts FROM (
    SELECT waits_for FROM scheduled_posts WHERE status = 'publishing' AND missing_since IS NOT NULL
     ORDER BY leased_until, id LIMIT 10000) p
 GROUP BY waits_for ORDER BY waits_for LIMIT 10;

-- name: retrying_posts()
-- The last error of posts that were started and have not ended, by platform.
SELECT p.platform, count(*) AS posts, max((
           SELECT e.message FROM post_events e WHERE e.post_id = p.id AND e.event IN ('retrying', 'waiting')
                  ORDER BY e.id DESC LIMIT 1)) AS message
  FROM (SELECT id, platform FROM scheduled_posts WHERE status = 'publishing' AND last_error_at IS NOT NULL
         ORDER BY leased_until, id LIMIT 1000) p
 GROUP BY p.platform ORDER BY p.platform LIMIT 10;

-- name: backups_and_live_accounts()
SELECT now() - (SELECT max(taken_at) FROM backups) AS age,
       EXISTS (SELECT FROM social_accounts WHERE environment = 'live' AND status = 'connected') AS has_live_accounts;

-- name: has_live_projects()
SELECT EXISTS (SELECT FROM projects WHERE environment = 'live' AND archived_at IS NULL);

-- name: notice_state(limit)
-- Channels that are paused because their messages were refused, up to a limit; and whether people or channels wait for
-- e-mails: someone chose them, or a channel is an address.
SELECT (SELECT count(*) FROM (SELECT FROM notice_channels
                               WHERE status = 'paused' AND paused_reason <> 'by_request' LIMIT $1) c) AS paused,
       EXISTS (SELECT FROM notification_preferences WHERE email)
       OR EXISTS (SELECT FROM notice_channels WHERE kind = 'email' AND status = 'active') AS wants_mail;

-- name: media_use(ended_before, limit)
-- The bytes that count toward quotas, and those of conversions among them. Of the `limit` containers that were created
-- first and still have media: how many had their last post before `ended_before`, and the bytes of their originals.
SELECT u.bytes, r.bytes AS rendition_bytes, o.containers, o.bytes AS old_bytes, q.removals, q.oldest_at, now() AS now
  FROM (SELECT coalesce(sum(size_bytes), 0)::bigint AS bytes FROM media_usage) u
 CROSS JOIN (SELECT coalesce(sum(size_bytes), 0)::bigint AS bytes FROM media_renditions) r
 CROSS JOIN (
       SELECT count(*) AS containers, coalesce(sum(m.bytes), 0)::bigint AS bytes
         FROM (SELECT id FROM content_containers
                WHERE status = 'completed' AND media_removed_at IS NULL AND media_type <> 'text' AND created_at < $1
                ORDER BY created_at, id LIMIT $2) c
        CROSS JOIN LATERAL (
              SELECT count(*) AS posts, bool_and(status NOT IN ('queued', 'publishing') AND updated_at < $1) AS are_over
                FROM scheduled_posts WHERE container_id = c.id) p
        CROSS JOIN LATERAL (SELECT sum(size_bytes) AS bytes FROM media_assets WHERE container_id = c.id) m
        WHERE p.posts > 0 AND p.are_over) o
 CROSS JOIN (SELECT count(*) AS removals, min(added_at) AS oldest_at
               FROM (SELECT added_at FROM media_removals ORDER BY due_at, object_key LIMIT 1000) l) q;
