-- migrate:up

-- A post that is due while its lane waits is processed when the wait ends (`run_at`) and keeps its position in the lane:
-- `due_at` is when it became due. NULL: same as `run_at`.
ALTER TABLE scheduled_posts ADD COLUMN due_at timestamptz;
DROP INDEX scheduled_posts_lanes;
CREATE INDEX scheduled_posts_lanes ON scheduled_posts (lane, (coalesce(due_at, run_at)), created_at, id) WHERE status = 'queued';

-- Times of a platform account's latest and reserved calls of a rate-limited kind, oldest first. The limit is per platform
-- account, so all projects and organizations that post to it share a row.
CREATE TABLE platform_turns (
    platform            text NOT NULL,
    environment         text NOT NULL CHECK (environment IN ('live', 'test')),
    external_account_id text NOT NULL,
    call                text NOT NULL,
    taken               timestamptz[] NOT NULL,
    taken_at            timestamptz NOT NULL, -- when the latest was reserved, by the clock of that worker
    PRIMARY KEY (platform, environment, external_account_id, call)
);
CREATE INDEX platform_turns_by_age ON platform_turns (taken_at);
