-- migrate:up

-- The numbers of the posts of one piece of content, side by side.
CREATE INDEX post_insights_by_container ON post_insights_latest (container_id, post_id);

-- migrate:down
DROP INDEX post_insights_by_container;
