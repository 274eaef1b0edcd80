-- name: primary_key()
SELECT id FROM secret_keys WHERE led_from IS NOT NULL AND led_until IS NULL;

-- name: period_of(id)
SELECT led_from FROM secret_keys WHERE id = $1;

-- name: announce(ids)
-- Record keys that this process can decrypt with. One that is known already keeps its row.
INSERT INTO secret_keys (id, led_from) SELECT unnest($1::text[]), NULL ON CONFLICT (id) DO NOTHING;

-- name: end_primary(now)
UPDATE secret_keys SET led_until = greatest(led_from, coalesce($1, now()))
 WHERE led_from IS NOT NULL AND led_until IS NULL;

-- name: begin_primary(id, now)
-- A key that was retired as lost may come back.
INSERT INTO secret_keys (id, led_from) VALUES ($1, coalesce($2, now()))
ON CONFLICT (id) DO UPDATE SET led_from = excluded.led_from, led_until = NULL, retired_at = NULL;

-- name: retire(id, now)
UPDATE secret_keys
   SET retired_at = $2, led_from = coalesce(led_from, $2), led_until = coalesce(led_until, greatest(led_from, $2))
 WHERE id = $1 RETURNING true;

-- name: periods(limit)
SELECT id AS key_id, led_from AS primary_from, led_until AS primary_until, retired_at FROM secret_keys
 ORDER BY led_from IS NULL, led_until DESC NULLS FIRST, led_from DESC, id LIMIT $1;

-- name: lock_periods()
-- One decision about keys at a time. Readers do not wait for it.
LOCK TABLE secret_keys IN SHARE ROW EXCLUSIVE MODE;

-- name: count_sealed({table}, {column})
-- By the key that each value names; null: it names none. Values that are stored in clear are not counted.
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
-- Compare and swap. A row that another transaction holds is left to the next round.
WITH held AS (
    SELECT t.ctid AS place, f.fresh
      FROM unnest($1::tid[], $2::bytea[], $3::bytea[]) AS f(place, before, fresh)
      JOIN {table} t ON t.ctid = f.place AND t.{column} = f.before
       FOR UPDATE OF t SKIP LOCKED
)
UPDATE {table} t SET {column} = held.fresh FROM held WHERE t.ctid = held.place;

-- name: lose_accounts(label, now)
-- These tokens can't be decrypted any more, so each account must be connected again.
WITH moved AS (
    UPDATE social_accounts a SET status = 'reauth_required', refresh_due_at = NULL, refresh_leased_until = NULL,
           updated_at = $2
     WHERE substring(sealed_tokens FROM 1 FOR 20) = $1 AND status = 'connected'
    RETURNING a AS account
),
-- include: presswork.events outbox.sql account_changed(moved, $2)
SELECT (account).id, (account).organization_id, (account).environment FROM moved;
