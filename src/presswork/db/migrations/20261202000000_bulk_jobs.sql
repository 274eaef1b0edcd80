-- migrate:up
-- One action on many posts, which a worker does post by post.
CREATE TABLE bulk_jobs (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    environment text NOT NULL,
    action text NOT NULL,
    arguments text NOT NULL,
    caller text NOT NULL,
    total integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    leased_by text,
    leased_until timestamptz
);
CREATE INDEX bulk_jobs_open ON bulk_jobs (id) WHERE ended_at IS NULL;
CREATE INDEX bulk_jobs_ended ON bulk_jobs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX bulk_jobs_by_organization ON bulk_jobs (organization_id);

CREATE TABLE bulk_items (
    bulk_id uuid NOT NULL REFERENCES bulk_jobs ON DELETE CASCADE,
    position integer NOT NULL,
    post_id uuid NOT NULL,
    done_at timestamptz,
    error text,
    PRIMARY KEY (bulk_id, position)
);
CREATE INDEX bulk_items_open ON bulk_items (bulk_id, position) WHERE done_at IS NULL;

-- migrate:down
DROP TABLE bulk_items;
DROP TABLE bulk_jobs;
