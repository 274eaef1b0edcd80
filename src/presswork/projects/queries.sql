-- name: insert_project(id, organization, environment, name, timezone, customer_external_id, metadata, now, profile)
INSERT INTO projects (id, organization_id, environment, name, timezone, customer_external_id, metadata, profile,
                      status, review_policy, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $9, 'active', 'auto_approve', $8, $8)
RETURNING
-- include: presswork.projects lists.sql project()
;

-- name: find_project(id, organization, environment)
SELECT
-- include: presswork.projects lists.sql project()
  FROM projects WHERE id = $1 AND organization_id = $2 AND environment = $3;

-- name: share_project(id, organization, environment)
-- Blocks changes of the project until the transaction ends; other transactions may share the lock.
SELECT
-- include: presswork.projects lists.sql project()
  FROM projects WHERE id = $1 AND organization_id = $2 AND environment = $3 FOR SHARE;

-- name: lock_project(id, organization, environment)
SELECT
-- include: presswork.projects lists.sql project()
  FROM projects WHERE id = $1 AND organization_id = $2 AND environment = $3 FOR UPDATE;

-- name: update_project(id, name, timezone, customer, metadata, status, archived_at, now, profile, branding, key, user)
-- `key` or `user` asked for review links in events.
UPDATE projects SET name = $2, timezone = $3, customer_external_id = $4, metadata = $5, status = $6, archived_at = $7,
                    updated_at = $8, profile = $9, branding = $10,
                    review_links_by_key = $11, review_links_by_user = $12
 WHERE id = $1
RETURNING
-- include: presswork.projects lists.sql project()
;

-- name: set_fill(id, fill)
UPDATE projects SET fill = $2::text::jsonb WHERE id = $1;

-- name: set_budgets(id, budgets)
UPDATE projects SET budgets = $2::text::jsonb WHERE id = $1;

-- name: set_review_policy(id, policy, first_n, now, covers, steps, reminder)
UPDATE projects SET review_policy = $2, review_first_n = $3, review_covers = $5, review_updated_at = $4,
                    updated_at = $4, review_steps = $6, review_reminder = $7
 WHERE id = $1
RETURNING
-- include: presswork.projects lists.sql project()
;

-- name: list_projects_down(organization, environment, status, customer, before_at, before_id, limit, projects)
-- plan: custom
-- include: presswork.projects lists.sql projects(<, DESC)

-- name: list_projects_up(organization, environment, status, customer, after_at, after_id, limit, projects)
-- plan: custom
-- include: presswork.projects lists.sql projects(>, ASC)

-- name: organization_name(organization)
SELECT name FROM organizations WHERE id = $1;
