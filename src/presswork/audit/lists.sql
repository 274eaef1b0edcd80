-- name: page(selective)
-- A page of an organization's entries, newest first. `selective` is the condition that has an index of its own: of
-- the entries that it leaves, the next $11 are candidates (db/found_page.py), which are counted only if the page is
-- not full. What belongs to both environments is seen by the keys of each.
WITH candidate AS NOT MATERIALIZED (
    SELECT id, at, organization_id, environment, action, actor, key_id, user_id, link_id, operator_id, actor_name,
           object_id, request_id, detail
      FROM audit_log
     WHERE organization_id = $1 AND (at, id) < ($3, $4) AND at >= $5 AND at <= $6 AND {selective}
     ORDER BY at DESC, id DESC LIMIT $11
), page AS MATERIALIZED (
    SELECT * FROM candidate
     WHERE (environment = $2 OR environment IS NULL) AND ($7::text IS NULL OR actor = $7)
       AND ($8::text IS NULL OR action = $8) AND ($9::uuid IS NULL OR key_id = $9 OR user_id = $9)
       AND ($10::text IS NULL OR object_id = $10)
     ORDER BY at DESC, id DESC LIMIT $12
)
SELECT l.scanned, l.last_at, l.last_id, p.*
  FROM (SELECT count(*) AS found FROM page) n
  LEFT JOIN LATERAL (SELECT count(*) AS scanned, min(at) AS last_at, (array_agg(id ORDER BY at, id))[1] AS last_id
                       FROM candidate WHERE n.found < $12) l ON true
  LEFT JOIN page p ON true
 ORDER BY p.at DESC, p.id DESC
