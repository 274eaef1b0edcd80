-- migrate:up

-- Lists of posts. The index includes the status, so that a rare status is found at once; the list of all statuses uses
-- the same index. Each filter of the list (project, account, container) has its own.
DROP INDEX scheduled_posts_by_project;
CREATE INDEX scheduled_posts_by_project ON scheduled_posts (project_id, status, scheduled_for, id);
DROP INDEX scheduled_posts_by_account;
CREATE INDEX scheduled_posts_by_account ON scheduled_posts (social_account_id, status, scheduled_for, id);
DROP INDEX scheduled_posts_by_container;
CREATE INDEX scheduled_posts_by_container ON scheduled_posts (container_id, status, scheduled_for, id);

-- The queue, in order of acceptance among posts that are due at the same instant. A post that was due when it was
-- accepted is due whatever the clock shows now, so these have a separate index; each queued post is in one of the two.
DROP INDEX scheduled_posts_due;
CREATE INDEX scheduled_posts_due ON scheduled_posts (run_at, created_at, id) WHERE status = 'queued' AND run_at > created_at;
CREATE INDEX scheduled_posts_at_once ON scheduled_posts (run_at, created_at, id) WHERE status = 'queued' AND run_at <= created_at;
DROP INDEX scheduled_posts_lanes;
CREATE INDEX scheduled_posts_lanes ON scheduled_posts (social_account_id, run_at, created_at, id) WHERE status = 'queued';

-- The latest instant in the post's history that a clock recorded before it was set back: later events continue from it.
ALTER TABLE scheduled_posts ADD COLUMN ahead_at timestamptz;
