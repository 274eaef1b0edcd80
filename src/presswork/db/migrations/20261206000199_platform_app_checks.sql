-- migrate:up

-- What the platform answered when it was last asked about the credentials of a customer's app. NULL: not since they were
-- stored. Other processes need not read the app again for it, so `version` stays.
ALTER TABLE platform_apps
    ADD COLUMN check_result text CHECK (check_result IN ('accepted', 'refused', 'unreachable', 'unsupported')),
    ADD COLUMN check_message text,
    ADD COLUMN checked_at timestamptz;

-- migrate:down

ALTER TABLE platform_apps DROP COLUMN checked_at, DROP COLUMN check_message, DROP COLUMN check_result;
