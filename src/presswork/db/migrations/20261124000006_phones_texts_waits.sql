-- migrate:up

-- The environment whose text message verified the phone. Everyone with access to the sandbox can read its messages, so
-- `test` verifies for test projects only; `live` verifies for both.
ALTER TABLE operators
    ADD COLUMN phone_verified_in      text CHECK (phone_verified_in IN ('live', 'test')),
    ADD COLUMN phone_code_environment text CHECK (phone_code_environment IN ('live', 'test'));

-- An operator that the command line created as verified has two equal instants. For any other the environment is unknown:
-- `test` is assumed, so that no live message goes to an unverified phone. Pending codes have no environment and are
-- deleted.
UPDATE operators SET phone_verified_in = CASE WHEN phone_verified_at = created_at THEN 'live' ELSE 'test' END
 WHERE phone_verified_at IS NOT NULL;
UPDATE operators SET phone_code_hash = NULL, phone_code_sent_at = NULL, phone_code_expires_at = NULL, phone_code_attempts = 0
 WHERE phone_code_hash IS NOT NULL;

ALTER TABLE operators
    ADD CHECK ((phone_verified_at IS NULL) = (phone_verified_in IS NULL)),
    ADD CHECK ((phone_code_hash IS NULL) = (phone_code_environment IS NULL));

-- Ended text messages contain a phone number and are deleted after a while.
CREATE INDEX text_messages_ended ON text_messages (updated_at, id) WHERE status NOT IN ('queued', 'sending');

-- `waits_for` is the reason of the latest wait in a post's timeline: the timeline gets no entry while it is the same.
-- `missing_since` is when a post, or one ahead of it in its lane, first waited for a missing setting of this service.
ALTER TABLE scheduled_posts
    ADD COLUMN waits_for   text,
    ADD COLUMN missing_since timestamptz;
