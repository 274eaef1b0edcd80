-- migrate:up

-- Links are deleted some time after they have expired, with the browsers that are remembered for them.
CREATE INDEX page_links_by_expiry ON page_links (expires_at);
