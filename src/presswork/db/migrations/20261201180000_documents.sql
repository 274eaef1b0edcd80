-- migrate:up
-- Pictures and videos in one post, and documents. The wider check holds for every existing row, so none is read (NOT VALID).

ALTER TABLE content_containers
    DROP CONSTRAINT content_containers_media_type_check,
    ADD CONSTRAINT content_containers_media_type_check
        CHECK (media_type IN ('image', 'video', 'multi', 'text', 'mixed', 'document')) NOT VALID;

ALTER TABLE media_assets ADD COLUMN pages int CHECK (pages > 0);

COMMENT ON COLUMN media_assets.pages IS 'Of a document, whose width and height are those of its first page, in points.';

-- migrate:down
ALTER TABLE media_assets DROP COLUMN pages;
ALTER TABLE content_containers
    DROP CONSTRAINT content_containers_media_type_check,
    ADD CONSTRAINT content_containers_media_type_check CHECK (media_type IN ('image', 'video', 'multi', 'text')) NOT VALID;
