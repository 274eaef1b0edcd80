-- migrate:up

-- Which live posts are read, for their numbers or their comments, and when. Publishing writes nothing here: new posts are
-- found by the index below, in steps of a bounded size. The rows of an account belong to one worker at a time.
CREATE TABLE live_reads (
    post_id           uuid NOT NULL REFERENCES scheduled_posts ON DELETE CASCADE,
    kind              text NOT NULL,
    social_account_id uuid NOT NULL,
    published_at      timestamptz NOT NULL,
    due_at            timestamptz,
    last_read_at      timestamptz,
    unchanged         smallint NOT NULL DEFAULT 0,
    asked_at          timestamptz,
    is_gone           boolean NOT NULL DEFAULT false,
    PRIMARY KEY (post_id, kind)
) WITH (fillfactor = 85);
COMMENT ON COLUMN live_reads.due_at IS 'Null: read on demand only.';
COMMENT ON COLUMN live_reads.unchanged IS 'How many reads in a row found nothing new.';
COMMENT ON COLUMN live_reads.asked_at IS 'When a person or a program last asked for a read.';
CREATE INDEX live_reads_due ON live_reads (social_account_id, kind, published_at, post_id) INCLUDE (due_at)
    WHERE due_at IS NOT NULL;

-- While an account is leased, `run_at` is the end of the lease, and what becomes due meanwhile is noted in `wake_at`.
CREATE TABLE account_reads (
    social_account_id uuid NOT NULL REFERENCES social_accounts ON DELETE CASCADE,
    kind              text NOT NULL,
    run_at            timestamptz NOT NULL,
    wake_at           timestamptz NOT NULL DEFAULT 'infinity',
    account_due_at    timestamptz NOT NULL,
    not_before        timestamptz NOT NULL DEFAULT '-infinity',
    error_count       integer NOT NULL DEFAULT 0,
    last_error        text,
    leased_by         text,
    version           bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (social_account_id, kind)
) WITH (fillfactor = 85);
COMMENT ON COLUMN account_reads.account_due_at IS 'When the account itself is read.';
COMMENT ON COLUMN account_reads.not_before IS 'Until when errors of its platform hold it back.';
CREATE INDEX account_reads_due ON account_reads (kind, run_at, social_account_id);

-- Up to where each kind has looked for new posts. Posts that went live long before the update are read on demand.
CREATE TABLE live_read_positions (
    kind         text PRIMARY KEY,
    published_at timestamptz NOT NULL,
    last_id      uuid NOT NULL
);
CREATE INDEX scheduled_posts_went_live ON scheduled_posts (published_at, id)
    WHERE status = 'published' AND mode = 'publish';

-- A bucket of calls for each app, or each account of a platform where that has the limit.
CREATE TABLE read_budgets (
    bucket     text PRIMARY KEY,
    calls      double precision NOT NULL,
    granted    integer NOT NULL,
    counted_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- migrate:down
DROP TABLE read_budgets;
DROP INDEX scheduled_posts_went_live;
DROP TABLE live_read_positions;
DROP TABLE account_reads;
DROP TABLE live_reads;
