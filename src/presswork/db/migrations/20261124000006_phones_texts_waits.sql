-- migrate:up

-- Which environment's text messages proved that a phone is its operator's. Anybody who reaches the sandbox reads its texts,
-- so what was proved in `test` counts there only; what was proved in `live` counts in both.
ALTER TABLE operators
    ADD COLUMN phone_verified_in      text CHECK (phone_verified_in IN ('live', 'test')),
    ADD COLUMN phone_code_environment text CHECK (phone_code_environment IN ('live', 'test'));

-- An operator that was made as verified has both instants from one clock reading, and somebody at the command line has
-- answered for the phone. Of any other nobody can tell by whose texts it was verified: the sandbox's are assumed, so that
-- no live text goes to a phone that was not proved. Codes that are on their way are worth nothing: they name no environment.
UPDATE operators SET phone_verified_in = CASE WHEN phone_verified_at = created_at THEN 'live' ELSE 'test' END
 WHERE phone_verified_at IS NOT NULL;
UPDATE operators SET phone_code_hash = NULL, phone_code_sent_at = NULL, phone_code_expires_at = NULL, phone_code_attempts = 0
 WHERE phone_code_hash IS NOT NULL;

ALTER TABLE operators
    ADD CHECK ((phone_verified_at IS NULL) = (phone_verified_in IS NULL)),
    ADD CHECK ((phone_code_hash IS NULL) = (phone_code_environment IS NULL));

-- Texts that have ended hold a phone and are forgotten after a while.
CREATE INDEX text_messages_ended ON text_messages (updated_at, id) WHERE status NOT IN ('queued', 'sending');

-- `waits_for` is the reason for its wait that a post's timeline tells last: while it is the same, nothing is told anew.
-- `missing_since` is when a post, or one ahead of it in its lane, first waited for a setting of this service that is missing.
ALTER TABLE scheduled_posts
    ADD COLUMN waits_for   text,
    ADD COLUMN missing_since timestamptz;
