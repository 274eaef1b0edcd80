-- name: find_organization(name)
SELECT id FROM organizations WHERE name = $1;

-- name: server_time()
SELECT now();

-- name: list_projects(organization_name, environment)
-- Of all organizations, for the command line.
SELECT p.id, p.name, o.name AS organization, p.environment, p.timezone, p.status, p.review_policy, p.created_at
  FROM projects p JOIN organizations o ON o.id = p.organization_id
 WHERE ($1::text IS NULL OR o.name = $1) AND ($2::text IS NULL OR p.environment = $2)
 ORDER BY p.created_at, p.id;

-- name: owner_of_project(id)
SELECT organization_id, environment FROM projects WHERE id = $1;
