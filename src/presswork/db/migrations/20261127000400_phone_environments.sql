-- migrate:up

-- The environment that set the phone. Test keys can't change a phone that a live key or the command line set: they set
-- another one, for test projects only. Who set the existing phones is unknown, so they belong to `live`.
ALTER TABLE operators
    ADD COLUMN phone_set_in           text NOT NULL DEFAULT 'live' CHECK (phone_set_in IN ('live', 'test')),
    ADD COLUMN has_test_phone         boolean NOT NULL DEFAULT false,
    ADD COLUMN test_phone             text,
    ADD COLUMN test_phone_verified_at timestamptz,
    ADD CHECK (has_test_phone OR test_phone IS NULL),
    ADD CHECK (test_phone IS NOT NULL OR test_phone_verified_at IS NULL);

-- Codes that were sent, and attempts to enter one: what the limits of a phone number and of an organization count. They
-- stay when an operator's phone changes, and are deleted after a day. The hash of a number is keyed.
CREATE TABLE phone_code_events (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    phone_hash      bytea NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('sent', 'attempt')),
    counted_at      timestamptz NOT NULL
);
CREATE INDEX phone_code_events_by_phone ON phone_code_events (phone_hash, counted_at);
CREATE INDEX phone_code_events_by_organization ON phone_code_events (organization_id, environment, counted_at);
CREATE INDEX phone_code_events_by_age ON phone_code_events (counted_at);
