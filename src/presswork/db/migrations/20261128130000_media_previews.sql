-- migrate:up

-- Previews of a media file: a thumbnail, and the poster of a video. Null: not made yet, or they can't be made.
ALTER TABLE media_assets
    ADD COLUMN thumbnail_key    text,
    ADD COLUMN poster_key       text,
    ADD COLUMN preview_attempts smallint NOT NULL DEFAULT 0,
    ADD COLUMN preview_after    timestamptz NOT NULL DEFAULT '-infinity';

-- Files whose previews are made later (content/previews.py). Must agree with claim_preview of content/queries.sql.
CREATE INDEX media_assets_without_previews ON media_assets (preview_after, id)
 WHERE thumbnail_key IS NULL AND verified_at IS NOT NULL AND preview_attempts < 3;
