-- Which live posts are due to be read. The times are the database's: `now` is NULL in production.

-- name: begin(kind, now, read_for)
INSERT INTO live_read_positions (kind, published_at, last_id)
VALUES ($1, coalesce($2::timestamptz, now()) - $3::interval, '00000000-0000-0000-0000-000000000000')
ON CONFLICT DO NOTHING;

-- name: discover(kind, logins, now, limit, settled_after, first_after, read_for)
-- The next posts that went live, in the order of an index, however many posts exist. The position stays behind the last
-- minutes, whose transactions may commit late: their posts are seen more than once, and added once.
WITH moment AS (
    SELECT coalesce($3::timestamptz, now()) AS now
), position AS MATERIALIZED (
    SELECT published_at, last_id FROM live_read_positions WHERE kind = $1 FOR UPDATE SKIP LOCKED
), candidate AS MATERIALIZED (
    SELECT p.id, p.published_at, p.social_account_id
      FROM position s
     CROSS JOIN LATERAL (
           SELECT p.id, p.published_at, p.social_account_id FROM scheduled_posts p
            WHERE p.status = 'published' AND p.mode = 'publish'
              AND (p.published_at, p.id) > (s.published_at, s.last_id)
            ORDER BY p.published_at, p.id LIMIT $4) p
), added AS (
    INSERT INTO live_reads (post_id, kind, social_account_id, published_at, due_at)
    SELECT c.id, $1, c.social_account_id, c.published_at, c.published_at + $6::interval
      FROM candidate c
     CROSS JOIN moment m
      JOIN social_accounts a ON a.id = c.social_account_id
     WHERE a.login = ANY($2::text[]) AND c.published_at > m.now - $7::interval
       AND NOT EXISTS (SELECT FROM live_reads r WHERE r.post_id = c.id AND r.kind = $1)
     ORDER BY c.id
    ON CONFLICT DO NOTHING
    RETURNING social_account_id, due_at
), account AS (
    INSERT INTO account_reads AS r (social_account_id, kind, run_at, account_due_at)
    SELECT d.social_account_id, $1, min(d.due_at), m.now FROM added d CROSS JOIN moment m
     GROUP BY d.social_account_id, m.now ORDER BY d.social_account_id
    ON CONFLICT (social_account_id, kind) DO UPDATE
       SET run_at = CASE WHEN r.leased_by IS NULL
                         THEN greatest(least(r.run_at, excluded.run_at), r.not_before) ELSE r.run_at END,
           wake_at = least(r.wake_at, excluded.run_at)
), moved AS (
    UPDATE live_read_positions s SET published_at = l.published_at, last_id = l.id
      FROM (SELECT c.published_at, c.id FROM candidate c CROSS JOIN moment m
             WHERE c.published_at < m.now - $5::interval
             ORDER BY c.published_at DESC, c.id DESC LIMIT 1) l
     WHERE s.kind = $1
    RETURNING 1
)
SELECT (SELECT count(*) FROM position) AS positions, (SELECT count(*) FROM candidate) AS found,
       (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM moved) AS moved;

-- name: position_exists(kind)
SELECT EXISTS (SELECT FROM live_read_positions WHERE kind = $1);

-- name: ask(post, kind, now)
-- Have a post read soon, also one that is read on demand only.
WITH asked AS (
    INSERT INTO live_reads AS r (post_id, kind, social_account_id, published_at, due_at, asked_at)
    SELECT p.id, $2, p.social_account_id, p.published_at, $3, $3 FROM scheduled_posts p
     WHERE p.id = $1 AND p.published_at IS NOT NULL
    ON CONFLICT (post_id, kind) DO UPDATE SET due_at = least(r.due_at, excluded.due_at), asked_at = excluded.asked_at
    RETURNING social_account_id
)
INSERT INTO account_reads AS r (social_account_id, kind, run_at, account_due_at)
SELECT social_account_id, $2, $3, $3 FROM asked
ON CONFLICT (social_account_id, kind) DO UPDATE
   SET run_at = CASE WHEN r.leased_by IS NULL THEN least(r.run_at, greatest($3, r.not_before)) ELSE r.run_at END,
       wake_at = least(r.wake_at, excluded.run_at)
RETURNING greatest($3, not_before) AS due_at;

-- name: hint(posts, kind, now, gap)
-- The same for posts with news, not before `gap` has passed since the last read.
WITH hinted AS (
    INSERT INTO live_reads AS r (post_id, kind, social_account_id, published_at, due_at)
    SELECT p.id, $2, p.social_account_id, p.published_at, $3 FROM scheduled_posts p
     WHERE p.id = ANY($1::uuid[]) AND p.published_at IS NOT NULL ORDER BY p.id
    ON CONFLICT (post_id, kind) DO UPDATE
       SET due_at = least(r.due_at, greatest($3, r.last_read_at + $4::interval)), is_gone = false
    RETURNING social_account_id, due_at
), account AS (
    SELECT social_account_id, min(due_at) AS due_at FROM hinted GROUP BY social_account_id
)
INSERT INTO account_reads AS r (social_account_id, kind, run_at, account_due_at)
SELECT social_account_id, $2, due_at, $3 FROM account ORDER BY social_account_id
ON CONFLICT (social_account_id, kind) DO UPDATE
   SET run_at = CASE WHEN r.leased_by IS NULL THEN least(r.run_at, greatest(excluded.run_at, r.not_before))
                     ELSE r.run_at END,
       wake_at = least(r.wake_at, excluded.run_at);

-- name: lock_asked(post, kind)
SELECT asked_at FROM live_reads WHERE post_id = $1 AND kind = $2 FOR UPDATE;

-- name: claim(worker, kind, logins, environments, now, lease, limit)
-- Accounts with something to read, the longest overdue first. What is noted in `wake_at` is in the table by now.
WITH moment AS (
    SELECT coalesce($5::timestamptz, now()) AS now
), due AS MATERIALIZED (
    SELECT r.social_account_id, a.login, a.environment, a.platform, a.status, a.external_id, a.handle, a.scopes,
           a.app_id, m.now
      FROM account_reads r CROSS JOIN moment m JOIN social_accounts a ON a.id = r.social_account_id
     WHERE r.kind = $2 AND r.run_at <= m.now
       AND (a.app_id IS NOT NULL OR (a.login, a.environment) IN (SELECT * FROM unnest($3::text[], $4::text[])))
     ORDER BY r.run_at, r.social_account_id LIMIT $7 FOR UPDATE OF r SKIP LOCKED
)
UPDATE account_reads r
   SET leased_by = $1, run_at = d.now + $6::interval, wake_at = 'infinity', version = r.version + 1
  FROM due d WHERE r.social_account_id = d.social_account_id AND r.kind = $2
RETURNING r.social_account_id AS account_id, r.version, r.error_count, r.account_due_at, d.login, d.environment,
          d.platform, d.status, d.external_id, d.handle, d.scopes, d.app_id, d.now;

-- name: renew(worker, kind, lease, now, accounts)
UPDATE account_reads SET run_at = coalesce($4::timestamptz, now()) + $3::interval
 WHERE social_account_id = ANY($5::uuid[]) AND kind = $2 AND leased_by = $1
RETURNING social_account_id;

-- name: release(worker, kind, held, now)
UPDATE account_reads SET leased_by = NULL, run_at = coalesce($4::timestamptz, now())
 WHERE kind = $2 AND leased_by = $1 AND social_account_id <> ALL($3::uuid[]);

-- name: posts_due(account, kind, now, limit)
-- The newest first.
SELECT r.post_id, r.published_at, r.unchanged, r.last_read_at, p.external_id, p.parts, p.options, p.status,
       p.live_status, c.media_type
  FROM live_reads r
  JOIN scheduled_posts p ON p.id = r.post_id
  JOIN content_containers c ON c.id = p.container_id
 WHERE r.social_account_id = $1 AND r.kind = $2 AND r.due_at <= $3
 ORDER BY r.published_at DESC, r.post_id DESC LIMIT $4;

-- name: settle(account, kind, worker, version, now, posts, dues, unchanged, gone)
-- `unchanged` is NULL for posts that were not read. No row: another worker has the account.
WITH held AS (
    SELECT social_account_id FROM account_reads
     WHERE social_account_id = $1 AND kind = $2 AND leased_by = $3 AND version = $4 FOR UPDATE
), settled AS (
    UPDATE live_reads r
       SET due_at = s.due_at, is_gone = s.is_gone, unchanged = coalesce(s.unchanged, r.unchanged),
           last_read_at = CASE WHEN s.unchanged IS NULL THEN r.last_read_at ELSE $5 END
      FROM unnest($6::uuid[], $7::timestamptz[], $8::smallint[], $9::boolean[])
           AS s(post_id, due_at, unchanged, is_gone)
     CROSS JOIN held
     WHERE r.post_id = s.post_id AND r.kind = $2
)
SELECT true FROM held;

-- name: finish(account, kind, worker, version, not_before, error_count, error, account_due_at, waits_for_token)
-- The account is due with the first of its posts, or when it is due itself, and not before its platform allows it. No
-- row: another worker has the account.
UPDATE account_reads r
   SET leased_by = NULL, not_before = coalesce($5::timestamptz, '-infinity'), error_count = $6, last_error = $7,
       account_due_at = $8, waits_for_token = $9, wake_at = 'infinity', version = r.version + 1,
       run_at = greatest($5, least(r.wake_at, $8::timestamptz, (
           SELECT min(p.due_at) FROM live_reads p
            WHERE p.social_account_id = $1 AND p.kind = $2 AND p.due_at IS NOT NULL), 'infinity'::timestamptz))
 WHERE social_account_id = $1 AND kind = $2 AND leased_by = $3 AND version = $4
RETURNING true;

-- name: reserve(bucket, wanted, least, most, per_second, now)
-- Take calls from a bucket that refills: as many as wanted, or what there is if that is at least `least`, or none.
-- `most` is what the bucket holds, and what it starts with. `granted` is what this statement took.
INSERT INTO read_budgets AS b (bucket, calls, granted, counted_at)
VALUES ($1, $4::float8 - least($2::integer, floor($4::float8)), least($2::integer, floor($4::float8)),
        coalesce($6::timestamptz, now()))
ON CONFLICT (bucket) DO UPDATE
   SET (calls, granted, counted_at) = (
       SELECT f.calls - g.granted, g.granted, greatest(b.counted_at, excluded.counted_at)
         FROM (SELECT least($4::float8, b.calls + $5::float8
                            * greatest(0, extract(epoch FROM excluded.counted_at - b.counted_at))) AS calls) f
        CROSS JOIN LATERAL (
              SELECT CASE WHEN f.calls >= $3::integer THEN least($2::integer, floor(f.calls)) ELSE 0 END AS granted) g)
RETURNING granted, calls, counted_at AS now;

-- name: correct(bucket, calls, most)
-- Give back what was reserved and not used, or with a negative number take what was used besides.
UPDATE read_budgets SET calls = least($3::float8, calls + $2::integer) WHERE bucket = $1;

-- name: empty(bucket)
-- The platform refuses further calls for now.
UPDATE read_budgets SET calls = least(calls, 0) WHERE bucket = $1;

-- name: sweep_budgets(before, limit)
WITH old AS (
    SELECT bucket FROM read_budgets WHERE counted_at < $1 ORDER BY bucket LIMIT $2
       FOR UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM read_budgets b USING old o WHERE b.bucket = o.bucket RETURNING 1
)
SELECT count(*) FROM deleted;
