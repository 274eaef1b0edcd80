-- name: record(id, at, organization, environment, action, actor, who, operator, actor_name, object, request_id, detail)
-- `who` is the id of the key, of the user, of the link or of the SCIM token.
INSERT INTO audit_log (id, at, organization_id, environment, action, actor, key_id, user_id, link_id, operator_id,
                       actor_name, object_id, request_id, detail)
VALUES ($1, $2, $3, $4, $5, $6, CASE $6 WHEN 'api_key' THEN $7::uuid END, CASE $6 WHEN 'user' THEN $7::uuid END,
        CASE WHEN $6 NOT IN ('api_key', 'user') THEN $7::uuid END, $8, $9, $10, $11, $12);

-- name: by_organization(org, environment, before_at, before_id, since, until, actor, action, who, object, scan, limit)
-- plan: custom
-- include: presswork.audit lists.sql page(true)

-- name: by_action(org, environment, before_at, before_id, since, until, actor, action, who, object, scan, limit)
-- plan: custom
-- include: presswork.audit lists.sql page(action = $8)

-- name: by_key(org, environment, before_at, before_id, since, until, actor, action, who, object, scan, limit)
-- plan: custom
-- include: presswork.audit lists.sql page(key_id = $9)

-- name: by_user(org, environment, before_at, before_id, since, until, actor, action, who, object, scan, limit)
-- plan: custom
-- include: presswork.audit lists.sql page(user_id = $9)

-- name: by_object(org, environment, before_at, before_id, since, until, actor, action, who, object, scan, limit)
-- plan: custom
-- include: presswork.audit lists.sql page(object_id = $10)

-- name: latest(organization_name, action, limit)
-- The whole installation, for the owner of the database; NULL: every organization, and entries without one.
SELECT a.id, a.at, a.organization_id, a.environment, a.action, a.actor, a.key_id, a.user_id, a.link_id,
       a.operator_id, a.actor_name, a.object_id, a.request_id, a.detail, o.name AS organization
  FROM audit_log a LEFT JOIN organizations o ON o.id = a.organization_id
 WHERE ($1::text IS NULL OR o.name = $1) AND ($2::text IS NULL OR a.action = $2)
 ORDER BY a.at DESC, a.id DESC LIMIT $3;

-- name: may_prune()
SELECT has_table_privilege('audit_log', 'DELETE');

-- name: prune(before, limit)
-- Only the owner of the table may do this. Returns the number of deleted entries, the oldest first.
WITH deleted AS (
    DELETE FROM audit_log WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM audit_log WHERE at < $1 ORDER BY at, id LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1
)
SELECT count(*) FROM deleted;
