-- migrate:up
-- Files that are uploaded in parts. The parts are objects of their own until the content is finalized.

ALTER TABLE media_assets
    ADD COLUMN part_size_bytes bigint CHECK (part_size_bytes > 0),
    ADD COLUMN assembled_sha256 text,
    ADD COLUMN assembly_key text;

COMMENT ON COLUMN media_assets.part_size_bytes IS
    'Length of each part but the last; null if the file is sent in one request.';
COMMENT ON COLUMN media_assets.assembled_sha256 IS 'Of the object that was made of the parts; null until then.';
COMMENT ON COLUMN media_assets.assembly_key IS
    'Object that a finalize call is making of the parts, or was when it died.';

CREATE TABLE upload_parts (
    asset_id    uuid NOT NULL REFERENCES media_assets (id),
    part_number int NOT NULL CHECK (part_number BETWEEN 1 AND 10000),
    object_key  text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (asset_id, part_number)
);

-- migrate:down
DROP TABLE upload_parts;
ALTER TABLE media_assets DROP COLUMN part_size_bytes, DROP COLUMN assembled_sha256, DROP COLUMN assembly_key;
