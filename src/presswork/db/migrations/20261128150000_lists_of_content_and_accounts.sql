-- migrate:up

-- The lists of the content and the accounts of all projects: a range for each pair of states. The environment comes first,
-- so that no statement about a whole organization reads this index instead of a smaller one.
CREATE INDEX content_containers_by_tenant
    ON content_containers (environment, organization_id, status, approval_status, created_at, id);
CREATE INDEX social_accounts_by_tenant
    ON social_accounts (environment, organization_id, status, platform, created_at, id);

-- The list of a project's content uses the same statement.
DROP INDEX content_containers_by_project;
CREATE INDEX content_containers_by_project
    ON content_containers (project_id, status, approval_status, created_at, id);
