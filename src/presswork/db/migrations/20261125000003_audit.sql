-- migrate:up

-- The audit log: who changed which object, when, with which request id. Append-only: the program's role can't change or
-- delete rows (db/app_role.sql). No foreign keys, so that entries outlive their objects. Entries of shared objects
-- (providers, the music catalogue) have no organization, those of operators no environment. The primary key starts with
-- the time, so that the table can be partitioned by month.
CREATE TABLE audit_log (
    id              uuid NOT NULL,
    at              timestamptz NOT NULL,
    organization_id uuid,
    environment     text CHECK (environment IN ('live', 'test')),
    action          text NOT NULL,
    actor           text NOT NULL CHECK (actor IN ('api_key', 'command_line', 'worker')),
    key_id          uuid,
    operator_id     uuid,
    actor_name      text,
    object_id       text,
    request_id      text,
    detail          text NOT NULL,
    PRIMARY KEY (at, id),
    CHECK ((actor = 'api_key') = (key_id IS NOT NULL))
);
CREATE INDEX audit_log_by_organization ON audit_log (organization_id, at, id);
CREATE INDEX audit_log_by_action ON audit_log (organization_id, action, at, id);
CREATE INDEX audit_log_by_object ON audit_log (object_id, at, id);
CREATE INDEX audit_log_by_key ON audit_log (key_id, at, id) WHERE key_id IS NOT NULL;

-- When a key was last used, with a resolution of one minute, and who killed it: an organization can't revive a key that
-- the operator of the service killed.
ALTER TABLE api_keys
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN killed_by text CHECK (killed_by IN ('api_key', 'command_line'));
UPDATE api_keys SET killed_by = 'command_line' WHERE killed_at IS NOT NULL;
ALTER TABLE api_keys ADD CHECK ((killed_at IS NULL) = (killed_by IS NULL));
CREATE INDEX api_keys_by_age ON api_keys (organization_id, environment, created_at, id);
