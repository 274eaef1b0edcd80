-- migrate:up
-- Lanes with a leased post, without snoozed posts. Every claim reads them.
CREATE INDEX scheduled_posts_leased ON scheduled_posts (lane) WHERE status = 'publishing' AND leased_by IS NOT NULL;
