-- migrate:up

-- The searchable text of the catalogue, in one lower-case column, so that one index is sufficient.
ALTER TABLE tiktok_tracks
    ADD COLUMN words text GENERATED ALWAYS AS
        (lower(title || E'\n' || coalesce(author, '') || E'\n' || coalesce(album, ''))) STORED;

-- Substring search needs a trigram index. The extension is part of PostgreSQL, but not of every installation, and may
-- need more permissions; without it a search reads the whole catalogue, with the same results.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX tiktok_tracks_by_words ON tiktok_tracks USING gin (words gin_trgm_ops);
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR undefined_object OR feature_not_supported THEN NULL;
END
$$;
