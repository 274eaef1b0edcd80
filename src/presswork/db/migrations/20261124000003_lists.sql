-- migrate:up

-- Lists of posts. One look into an index per status, so that a status which few posts have is found at once, and the same
-- index serves the list of all of them. Each shape of the list (of a project, an account, a container) has its own.
DROP INDEX scheduled_posts_by_project;
CREATE INDEX scheduled_posts_by_project ON scheduled_posts (project_id, status, scheduled_for, id);
DROP INDEX scheduled_posts_by_account;
CREATE INDEX scheduled_posts_by_account ON scheduled_posts (social_account_id, status, scheduled_for, id);
DROP INDEX scheduled_posts_by_container;
CREATE INDEX scheduled_posts_by_container ON scheduled_posts (container_id, status, scheduled_for, id);
