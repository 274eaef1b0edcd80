-- migrate:up

-- The hourly sweep of canceled uploads read every file that was ever stored.
CREATE INDEX media_assets_unfinished ON media_assets (created_at, id) WHERE verified_at IS NULL AND size_bytes IS NOT NULL;
