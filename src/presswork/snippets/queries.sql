-- Snippets of projects.

-- name: insert_snippet(id, project, organization, environment, name, text, now, most)
-- No row if the project has as many as it may have. Its lock lets creations take turns.
INSERT INTO snippets (id, project_id, organization_id, environment, name, text, created_at, updated_at)
SELECT $1, $2, $3, $4, $5, $6, $7::timestamptz, $7::timestamptz
 WHERE (SELECT count(*) FROM (SELECT FROM snippets WHERE project_id = $2 LIMIT $8) s) < $8
RETURNING id, project_id, name, text, created_at, updated_at;

-- name: list_snippets(project, after_at, after_id, limit)
SELECT id, project_id, name, text, created_at, updated_at FROM snippets
 WHERE project_id = $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4;

-- name: find_snippet(organization, environment, id)
SELECT id, project_id, name, text, created_at, updated_at FROM snippets
 WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: update_snippet(id, name, text, now)
UPDATE snippets SET name = coalesce($2, name), text = coalesce($3, text), updated_at = $4 WHERE id = $1
RETURNING id, project_id, name, text, created_at, updated_at;

-- name: delete_snippet(id)
DELETE FROM snippets WHERE id = $1;
