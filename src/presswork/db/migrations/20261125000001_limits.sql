-- migrate:up

-- A post that is due while its lane waits for long is looked at when the wait is over (`run_at`), and keeps its place in the
-- lane: `due_at` is when it fell due. NULL: `run_at` still is.
ALTER TABLE scheduled_posts ADD COLUMN due_at timestamptz;
DROP INDEX scheduled_posts_lanes;
CREATE INDEX scheduled_posts_lanes ON scheduled_posts (lane, (coalesce(due_at, run_at)), created_at, id) WHERE status = 'queued';

-- When a platform account's latest calls of a limited kind were made, or are to be made, oldest first. It is the platform's
-- account that has the limit, so all projects and organizations that post to it share a row.
CREATE TABLE platform_turns (
    platform            text NOT NULL,
    environment         text NOT NULL CHECK (environment IN ('live', 'test')),
    external_account_id text NOT NULL,
    call                text NOT NULL,
    taken               timestamptz[] NOT NULL,
    taken_at            timestamptz NOT NULL, -- when the latest was taken, by the clock of whoever took it
    PRIMARY KEY (platform, environment, external_account_id, call)
);
CREATE INDEX platform_turns_by_age ON platform_turns (taken_at);
