-- migrate:up

-- What a search of the catalogue looks through, in one column and one case, so that one index serves it.
ALTER TABLE tiktok_tracks
    ADD COLUMN words text GENERATED ALWAYS AS
        (lower(title || E'\n' || coalesce(author, '') || E'\n' || coalesce(album, ''))) STORED;

-- Text within text needs trigrams to be found by an index. They come with PostgreSQL, but not with every installation of
-- it, and not every user may switch them on; without them a search reads the whole catalogue and finds the same.
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
