-- migrate:up
-- The lanes that workers hold now, without those of posts that snooze: every claim reads them.
CREATE INDEX scheduled_posts_leased ON scheduled_posts (lane) WHERE status = 'publishing' AND leased_by IS NOT NULL;
