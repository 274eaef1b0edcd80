-- migrate:up
-- Content that is posted again and again by a rule. `next_on` is the local date of the next occurrence to make, null if
-- none is left, and `run_at` when a worker makes it, null if there is nothing to do. While a worker has it, `run_at` is
-- the end of its lease. `ended_at` is when it ended or will: the last occurrence, or when it was stopped.
CREATE TABLE recurrences (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects,
    organization_id uuid NOT NULL,
    environment text NOT NULL CHECK (environment IN ('live', 'test')),
    container_id uuid NOT NULL REFERENCES content_containers,
    every integer NOT NULL CHECK (every > 0),
    unit text NOT NULL CHECK (unit IN ('day', 'week', 'month')),
    weekdays text[] NOT NULL,
    month_day integer CHECK (month_day BETWEEN 1 AND 31),
    local_time time NOT NULL,
    timezone text NOT NULL,
    until timestamptz,
    max_count integer,
    targets text NOT NULL,
    captions text[] NOT NULL,
    caller text NOT NULL,
    starts_on date NOT NULL,
    next_on date,
    made integer NOT NULL DEFAULT 0,
    run_at timestamptz,
    leased_by text,
    error text,
    error_count integer NOT NULL DEFAULT 0,
    ended_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX recurrences_due ON recurrences (run_at, id) WHERE run_at IS NOT NULL;
CREATE INDEX recurrences_by_container ON recurrences (container_id, created_at, id);
CREATE INDEX recurrences_by_project ON recurrences (project_id, created_at, id);
-- An export reads those of a project in an order that does not change.
CREATE INDEX recurrences_of_project ON recurrences (project_id, id);

-- An occurrence that was made, by its local day: never made again, whatever became of its posts. `at` is the instant by
-- the rule.
CREATE TABLE recurrence_occurrences (
    recurrence_id uuid NOT NULL REFERENCES recurrences ON DELETE CASCADE,
    day date NOT NULL,
    at timestamptz NOT NULL,
    post_ids uuid[] NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (recurrence_id, day)
);

ALTER TABLE scheduled_posts ADD COLUMN recurrence_id uuid;
-- `occurrence_at` is the instant by the rule; `scheduled_for` differs if the call was moved.
ALTER TABLE schedule_intents ADD COLUMN recurrence_id uuid, ADD COLUMN occurrence_at timestamptz;

-- migrate:down
ALTER TABLE schedule_intents DROP COLUMN recurrence_id, DROP COLUMN occurrence_at;
ALTER TABLE scheduled_posts DROP COLUMN recurrence_id;
DROP TABLE recurrence_occurrences;
DROP TABLE recurrences;
