-- name: hold(process, part, key_ids, leads, now)
-- A process tells which keys it has, and is told which one leads.
WITH told AS (
    INSERT INTO key_holders (process, part, key_ids, leads, seen_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (process) DO UPDATE
       SET key_ids = excluded.key_ids, leads = excluded.leads, seen_at = excluded.seen_at
)
SELECT id FROM secret_keys WHERE led_until IS NULL;

-- name: let_go(process)
DELETE FROM key_holders WHERE process = $1;

-- name: sweep_holders(seen_before)
DELETE FROM key_holders WHERE seen_at < $1;

-- name: leading()
SELECT id FROM secret_keys WHERE led_until IS NULL;

-- name: lead_first(id, now)
-- Under the lock: of processes that start at once on a new database, one decides. A key that was lost may come back.
INSERT INTO secret_keys (id, led_from) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM secret_keys WHERE led_until IS NULL)
ON CONFLICT (id) DO UPDATE SET led_from = excluded.led_from, led_until = NULL, retired_at = NULL;

-- name: end_lead(now)
UPDATE secret_keys SET led_until = greatest(led_from, $1) WHERE led_until IS NULL;

-- name: begin_lead(id, now)
INSERT INTO secret_keys AS k (id, led_from) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET led_from = excluded.led_from, led_until = NULL, retired_at = NULL;

-- name: retire(id, now)
UPDATE secret_keys SET retired_at = $2 WHERE id = $1 AND led_until IS NOT NULL RETURNING true;

-- name: terms(limit)
SELECT id, led_from, led_until, retired_at FROM secret_keys ORDER BY led_until DESC NULLS FIRST, led_from DESC, id
       LIMIT $1;

-- name: holders(seen_after, limit)
SELECT process, part, key_ids, leads FROM key_holders WHERE seen_at > $1 ORDER BY part, process LIMIT $2;

-- name: lock_terms()
-- One decision about keys at a time. Whoever only reads does not wait for it.
LOCK TABLE secret_keys IN SHARE ROW EXCLUSIVE MODE;

-- name: count_sealed({table}, {column})
-- By the key that each value names; null: it names none. What is stored in clear beside sealed values is not counted.
SELECT CASE WHEN substring({column} FROM 1 FOR 3) = 's1.'::bytea
            THEN convert_from(substring({column} FROM 4 FOR 16), 'SQL_ASCII') END AS key_id,
       count(*) AS values
  FROM {table}
 WHERE {column} IS NOT NULL AND (NOT {is_mixed} OR substring({column} FROM 1 FOR 3) = 's1.'::bytea)
 GROUP BY 1 ORDER BY 1 LIMIT 100;

-- name: sealed_between({table}, {column}, after, before, limit, offset)
SELECT ctid AS place, {column} AS sealed FROM {table}
 WHERE substring({column} FROM 1 FOR 20) > $1 AND substring({column} FROM 1 FOR 20) < $2
 ORDER BY substring({column} FROM 1 FOR 20) LIMIT $3 OFFSET $4;

-- name: swap_seals({table}, {column}, places, before, after)
-- Compare and swap. What somebody else writes just now is left to the next round, and never waited for.
WITH held AS (
    SELECT t.ctid AS place, f.fresh
      FROM unnest($1::tid[], $2::bytea[], $3::bytea[]) AS f(place, before, fresh)
      JOIN {table} t ON t.ctid = f.place AND t.{column} = f.before
       FOR UPDATE OF t SKIP LOCKED
)
UPDATE {table} t SET {column} = held.fresh FROM held WHERE t.ctid = held.place;

-- name: lose_accounts(label, now)
-- Nobody can open these tokens any more, so each account has to be connected again.
WITH moved AS (
    UPDATE social_accounts a SET status = 'reauth_required', refresh_due_at = NULL, refresh_leased_until = NULL,
           updated_at = $2
     WHERE substring(sealed_tokens FROM 1 FOR 20) = $1 AND status = 'connected'
    RETURNING a AS account
),
-- include: presswork.webhooks outbox.sql account_changed(moved, $2)
SELECT (account).id, (account).organization_id, (account).environment FROM moved;
