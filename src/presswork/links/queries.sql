-- name: insert_link(link, token_hash)
-- A link with more columns than a statement has parameters.
INSERT INTO page_links AS l (id, kind, organization_id, environment, project_id, container_ids, key_id, user_id,
                             token_hash, settings, recipient_name, created_at, expires_at, max_uses)
SELECT n.id, n.kind, n.organization_id, n.environment, n.project_id, n.container_ids, n.key_id, n.user_id, $2,
       n.settings, n.recipient_name, n.created_at, n.expires_at, n.max_uses
  FROM jsonb_populate_record(NULL::page_links, $1::jsonb) AS n
RETURNING
-- include: presswork.links lists.sql link()
;

-- name: open_link(token_hash, kind, now)
-- The link of a token, if it opens a page. Its maker must still have access, and its project must be active.
SELECT
-- include: presswork.links lists.sql link()
, p.name AS project_name, p.timezone, p.branding, coalesce(k.return_domains, '{}') AS return_domains, k.operator_id,
       u.name AS user_name
  FROM page_links l JOIN projects p ON p.id = l.project_id
  LEFT JOIN api_keys k ON k.id = l.key_id
  LEFT JOIN users u ON u.id = l.user_id
 WHERE l.token_hash = $1 AND l.kind = $2 AND (l.expires_at > $3 OR l.expires_at IS NULL) AND l.revoked_at IS NULL
   AND p.status = 'active'
   AND (l.key_id IS NULL OR (k.revoked_at IS NULL AND k.killed_at IS NULL))
   AND (l.user_id IS NULL
        OR (u.disabled_at IS NULL AND (u.project_ids IS NULL OR l.project_id = ANY(u.project_ids))
            AND u.role IN (CASE WHEN l.kind IN ('review_link', 'portal_link') THEN 'approver' ELSE 'publisher' END,
                           'admin')));

-- name: count_visit(id, now)
UPDATE page_links SET visits = visits + 1, last_visited_at = $2 WHERE id = $1;

-- name: use_link(id)
-- No row back: the link was revoked, or no use is left. It may have expired since its page was opened.
UPDATE page_links SET uses = uses + 1
 WHERE id = $1 AND revoked_at IS NULL AND (max_uses IS NULL OR uses < max_uses) RETURNING uses;

-- name: hold_link(id)
-- No row back: the link was revoked. A revocation waits for the caller's transaction.
SELECT true FROM page_links WHERE id = $1 AND revoked_at IS NULL FOR SHARE;

-- name: lock_link(id, kind, organization, environment)
SELECT
-- include: presswork.links lists.sql link()
  FROM page_links l WHERE id = $1 AND kind = $2 AND organization_id = $3 AND environment = $4 FOR NO KEY UPDATE;

-- name: revoke_link(id, now)
UPDATE page_links AS l SET revoked_at = $2 WHERE id = $1
RETURNING
-- include: presswork.links lists.sql link()
;

-- name: list_links(kind, organization, environment, before_at, before_id, limit, projects)
-- plan: custom
-- `projects` are those of a caller who sees only some.
SELECT
-- include: presswork.links lists.sql link()
  FROM page_links l
 WHERE organization_id = $2 AND environment = $3 AND kind = $1 AND (created_at, id) < ($4, $5)
   AND ($7::uuid[] IS NULL OR project_id = ANY($7))
 ORDER BY created_at DESC, id DESC LIMIT $6;

-- name: list_links_of_project(kind, organization, environment, before_at, before_id, limit, project, container)
-- plan: custom
SELECT
-- include: presswork.links lists.sql link()
  FROM page_links l
 WHERE project_id = $7 AND kind = $1 AND organization_id = $2 AND environment = $3 AND (created_at, id) < ($4, $5)
   AND ($8::uuid IS NULL OR $8 = ANY(container_ids))
 ORDER BY created_at DESC, id DESC LIMIT $6;

-- name: sweep_links(before, limit)
-- Links that ended before. The browsers that are remembered for a review link go with it.
DELETE FROM page_links WHERE id IN (
    SELECT id FROM page_links WHERE coalesce(expires_at, revoked_at) < $1
     ORDER BY coalesce(expires_at, revoked_at) LIMIT $2 FOR UPDATE SKIP LOCKED
);
