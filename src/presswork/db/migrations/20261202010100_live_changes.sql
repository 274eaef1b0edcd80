-- migrate:up

-- What became of a published post since: NULL until someone asks to take it down, so that NULL is live.
ALTER TABLE scheduled_posts ADD COLUMN live_status text;
-- What a person has to do about it.
ALTER TABLE scheduled_posts ADD COLUMN live_advice text;
-- What became of the last change of the live post: {status, message}.
ALTER TABLE scheduled_posts ADD COLUMN last_edit jsonb;

-- What a worker has to do to a live post: take it down, or change it. One at a time for each post, so that the two never
-- cross. A row that ended stays: another try continues where it ended. While a change is leased, `run_at` is the end of
-- the lease. `progress` says what is known of the calls.
CREATE TABLE live_changes (
    post_id uuid PRIMARY KEY REFERENCES scheduled_posts ON DELETE CASCADE,
    kind text NOT NULL,
    edit jsonb,
    progress jsonb NOT NULL DEFAULT '{}',
    asked_at timestamptz NOT NULL,
    gives_up_at timestamptz NOT NULL,
    run_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    leased_by text,
    ended_at timestamptz,
    version integer NOT NULL DEFAULT 1
) WITH (fillfactor = 85);
CREATE INDEX live_changes_due ON live_changes (run_at, post_id) WHERE ended_at IS NULL;
