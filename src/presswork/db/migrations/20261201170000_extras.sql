-- migrate:up

-- What is added to a live post, and what became of each: [{kind, subject, status, message}]. Empty until the post is live.
ALTER TABLE scheduled_posts ADD COLUMN extras jsonb NOT NULL DEFAULT '[]';
ALTER TABLE post_follow_ups ADD COLUMN needs_extras boolean NOT NULL DEFAULT false;
