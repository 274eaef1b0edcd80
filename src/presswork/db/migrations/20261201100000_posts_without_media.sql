-- migrate:up
-- Content without media, and the bounds of the contract instead of those of one platform.
-- The wider checks hold for every existing row, so none is read (NOT VALID).

ALTER TABLE content_containers
    DROP CONSTRAINT content_containers_media_type_check,
    ADD CONSTRAINT content_containers_media_type_check CHECK (media_type IN ('image', 'video', 'multi', 'text')) NOT VALID,
    ADD COLUMN link text;

COMMENT ON COLUMN content_containers.link IS 'A link card as JSON (media/link_card.py).';

ALTER TABLE media_assets
    DROP CONSTRAINT media_assets_position_check,
    ADD CONSTRAINT media_assets_position_check CHECK (position BETWEEN 0 AND 34) NOT VALID;

-- migrate:down
ALTER TABLE media_assets
    DROP CONSTRAINT media_assets_position_check,
    ADD CONSTRAINT media_assets_position_check CHECK (position BETWEEN 0 AND 9) NOT VALID;
ALTER TABLE content_containers
    DROP CONSTRAINT content_containers_media_type_check,
    ADD CONSTRAINT content_containers_media_type_check CHECK (media_type IN ('image', 'video', 'multi')) NOT VALID,
    DROP COLUMN link;
