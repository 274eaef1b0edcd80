-- migrate:up

-- Notices (content that was sent to a phone) are counted like codes. The indexes serve both.
ALTER TABLE phone_code_events RENAME TO phone_events;
ALTER INDEX phone_code_events_pkey RENAME TO phone_events_pkey;
ALTER INDEX phone_code_events_by_phone RENAME TO phone_events_by_phone;
ALTER INDEX phone_code_events_by_organization RENAME TO phone_events_by_organization;
ALTER INDEX phone_code_events_by_age RENAME TO phone_events_by_age;
ALTER TABLE phone_events
    DROP CONSTRAINT phone_code_events_kind_check,
    ADD CONSTRAINT phone_events_kind_check CHECK (kind IN ('sent', 'attempt', 'notice'));
