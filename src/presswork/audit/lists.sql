-- name: page(selective)
-- A page of an organization's entries, newest first. `selective` is the condition that has an index of its own. What
-- belongs to both environments is seen by the keys of each.
SELECT id, at, organization_id, environment, action, actor, key_id, user_id, link_id, operator_id, actor_name,
       object_id, request_id, detail
  FROM audit_log
 WHERE organization_id = $1 AND (environment = $2 OR environment IS NULL) AND (at, id) < ($3, $4)
   AND at >= $5 AND at <= $6 AND ($7::text IS NULL OR actor = $7) AND ($8::text IS NULL OR action = $8)
   AND ($9::uuid IS NULL OR key_id = $9 OR user_id = $9) AND ($10::text IS NULL OR object_id = $10) AND {selective}
 ORDER BY at DESC, id DESC LIMIT $11
