-- migrate:up

-- Lists of posts. One look into an index per status, so that a status which few posts have is found at once, and the same
-- index serves the list of all of them. Each shape of the list (of a project, an account, a container) has its own.
DROP INDEX scheduled_posts_by_project;
CREATE INDEX scheduled_posts_by_project ON scheduled_posts (project_id, status, scheduled_for, id);
DROP INDEX scheduled_posts_by_account;
CREATE INDEX scheduled_posts_by_account ON scheduled_posts (social_account_id, status, scheduled_for, id);
DROP INDEX scheduled_posts_by_container;
CREATE INDEX scheduled_posts_by_container ON scheduled_posts (container_id, status, scheduled_for, id);

-- The queue, in order of acceptance where posts are due at the same instant. What was due when it was accepted is due,
-- whatever the clock shows now; so it has an index of its own, and each queued post is in one of the two.
DROP INDEX scheduled_posts_due;
CREATE INDEX scheduled_posts_due ON scheduled_posts (run_at, created_at, id) WHERE status = 'queued' AND run_at > created_at;
CREATE INDEX scheduled_posts_at_once ON scheduled_posts (run_at, created_at, id) WHERE status = 'queued' AND run_at <= created_at;
DROP INDEX scheduled_posts_lanes;
CREATE INDEX scheduled_posts_lanes ON scheduled_posts (social_account_id, run_at, created_at, id) WHERE status = 'queued';

-- The latest instant that a post was given by a clock which has been set back since: its own time goes on from there.
ALTER TABLE scheduled_posts ADD COLUMN ahead_at timestamptz;
