-- name: insert_layer(id, project, organization, environment, template, config, now)
INSERT INTO layers (id, project_id, organization_id, environment, template_id, config, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7);

-- name: find_layer(id, project, organization, environment)
-- include: presswork.accounts lists.sql layer()
 WHERE l.id = $1 AND l.project_id = $2 AND l.organization_id = $3 AND l.environment = $4;

-- name: lock_layer(id, project, organization, environment)
SELECT id FROM layers WHERE id = $1 AND project_id = $2 AND organization_id = $3 AND environment = $4 FOR UPDATE;

-- name: list_layers(project, organization, environment, after_at, after_id, limit)
-- include: presswork.accounts lists.sql layer()
 WHERE l.project_id = $1 AND l.organization_id = $2 AND l.environment = $3 AND (l.created_at, l.id) > ($4, $5)
 ORDER BY l.created_at, l.id LIMIT $6;

-- name: update_layer(id, template, config, now)
-- NULL: no change.
UPDATE layers SET template_id = coalesce($2, template_id), config = coalesce($3::jsonb, config), updated_at = $4
       WHERE id = $1;

-- name: lock_accounts(ids, project, limit)
-- Ordered by id, so that two calls that lock the same accounts do not deadlock.
SELECT id, status, layer_id FROM social_accounts
 WHERE id = ANY($1::uuid[]) AND project_id = $2 ORDER BY id LIMIT $3 FOR NO KEY UPDATE;

-- name: set_accounts(layer, ids)
-- Adds the given accounts to the layer and removes all others.
UPDATE social_accounts SET layer_id = CASE WHEN id = ANY($2::uuid[]) THEN $1::uuid END
 WHERE id = ANY($2::uuid[]) OR layer_id = $1;

-- name: delete_layer(id)
DELETE FROM layers WHERE id = $1;

-- name: all_layers(organization_name, project, limit)
-- Of all organizations, for the command line.
SELECT l.id, o.name AS organization, l.environment, l.project_id, l.template_id, l.provider, l.created_at,
       (SELECT count(*) FROM social_accounts a WHERE a.layer_id = l.id) AS accounts
  FROM layers l JOIN organizations o ON o.id = l.organization_id
 WHERE ($1::text IS NULL OR o.name = $1) AND ($2::uuid IS NULL OR l.project_id = $2)
 ORDER BY l.created_at, l.id LIMIT $3;
