-- migrate:up
-- Settings that the console keeps for an installation whose environment does not set them. Read when a process starts.
CREATE TABLE stored_settings (
    name       text PRIMARY KEY,
    value      text NOT NULL,
    updated_at timestamptz NOT NULL
);

-- migrate:down
DROP TABLE stored_settings;
