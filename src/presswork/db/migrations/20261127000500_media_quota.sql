-- migrate:up

-- The quota of an organization counts its stored files and the files that its open uploads promise.
CREATE INDEX media_assets_stored ON media_assets (organization_id) INCLUDE (size_bytes) WHERE size_bytes IS NOT NULL;
CREATE INDEX content_containers_promised ON content_containers (organization_id) WHERE status = 'queued';
