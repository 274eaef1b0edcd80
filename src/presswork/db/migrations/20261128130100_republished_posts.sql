-- migrate:up

-- The first of the posts that were published again from one another; null for that one itself, and for all others.
ALTER TABLE scheduled_posts ADD COLUMN republish_of uuid;

-- Of such posts, one at most is open or delivered: whatever is called at the same time, content is not posted twice.
CREATE UNIQUE INDEX scheduled_posts_one_successor ON scheduled_posts (republish_of)
 WHERE republish_of IS NOT NULL AND status NOT IN ('failed', 'canceled');

CREATE INDEX scheduled_posts_republished ON scheduled_posts (republish_of, created_at, id) WHERE republish_of IS NOT NULL;
