-- migrate:up
-- Deletion of content, retention of media, conversions in the quota, and the sweep of objects that no row names.

-- NOT VALID: the former constraint was stricter.
ALTER TABLE content_containers
    ADD COLUMN deleted_at       timestamptz,
    ADD COLUMN erased_at        timestamptz,
    ADD COLUMN media_removed_at timestamptz,
    DROP CONSTRAINT content_containers_status_check,
    ADD CONSTRAINT content_containers_status_check CHECK (
        status IN ('queued', 'processing', 'completed', 'failed', 'canceled', 'deleted')) NOT VALID,
    ADD CONSTRAINT content_containers_deleted_check CHECK ((status = 'deleted') = (deleted_at IS NOT NULL)) NOT VALID;
COMMENT ON COLUMN content_containers.deleted_at IS 'The row stays after it, without media.';
COMMENT ON COLUMN content_containers.erased_at IS 'When its texts were removed as well.';
COMMENT ON COLUMN content_containers.media_removed_at IS
    'When its originals and conversions were removed, with the content or by PRESSWORK_KEEP_MEDIA.';

-- Content whose media may be removed some time after its last post (content/retention.py).
CREATE INDEX content_containers_with_media ON content_containers (created_at, id)
 WHERE status = 'completed' AND media_removed_at IS NULL AND media_type <> 'text';

ALTER TABLE media_assets ADD COLUMN removed_at timestamptz;
COMMENT ON COLUMN media_assets.removed_at IS 'When its object was removed from the store, or is about to be.';

-- Conversions in the store. A conversion of a version before this table gets its row when it is used again, or from the
-- sweep of objects.
CREATE TABLE media_renditions (
    object_key      text PRIMARY KEY,
    container_id    uuid NOT NULL REFERENCES content_containers,
    organization_id uuid NOT NULL,
    size_bytes      bigint NOT NULL CHECK (size_bytes >= 0),
    created_at      timestamptz NOT NULL
);
CREATE INDEX media_renditions_by_container ON media_renditions (container_id);

-- Objects that no row names any more and that are still in the store: written with the change that took their names,
-- and deleted after the objects.
CREATE TABLE media_removals (
    object_key text PRIMARY KEY,
    due_at     timestamptz NOT NULL,
    added_at   timestamptz NOT NULL
);
CREATE INDEX media_removals_due ON media_removals (due_at, object_key);

-- Where the sweep of objects that no row names is: the last key that it has read. `due_at` is when the next page is
-- read, and the lease of the worker that reads one.
CREATE TABLE media_sweep (
    is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    position text NOT NULL,
    due_at   timestamptz NOT NULL
);
INSERT INTO media_sweep (position, due_at) VALUES ('', now() + interval '1 day');

-- Logs of webhook deliveries whose texts are still to be erased with their content, read up to `position`.
CREATE TABLE content_erasures (
    container_id    uuid PRIMARY KEY REFERENCES content_containers,
    organization_id uuid NOT NULL,
    subject_ids     uuid[] NOT NULL,
    position        uuid NOT NULL,
    until           uuid NOT NULL
);

CREATE INDEX text_messages_by_container ON text_messages (container_id);

-- As before, but a file whose object was removed counts no more.
CREATE OR REPLACE FUNCTION count_asset() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
    is_promised  boolean := EXISTS (SELECT FROM content_containers
                                     WHERE id = coalesce(NEW.container_id, OLD.container_id) AND status = 'queued');
    change       bigint := CASE WHEN NEW.removed_at IS NULL
                           THEN coalesce(NEW.size_bytes, CASE WHEN is_promised THEN NEW.declared_size_bytes END, 0)
                           ELSE 0 END
                         - CASE WHEN OLD.removed_at IS NULL
                           THEN coalesce(OLD.size_bytes, CASE WHEN is_promised THEN OLD.declared_size_bytes END, 0)
                           ELSE 0 END;
BEGIN
    IF change <> 0 THEN
        INSERT INTO media_usage AS u (organization_id, size_bytes) VALUES (organization, change)
        ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER count_asset ON media_assets;
CREATE TRIGGER count_asset
    AFTER INSERT OR DELETE OR UPDATE OF size_bytes, declared_size_bytes, removed_at ON media_assets
    FOR EACH ROW EXECUTE FUNCTION count_asset();

CREATE FUNCTION count_rendition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint := coalesce(NEW.size_bytes, 0) - coalesce(OLD.size_bytes, 0);
BEGIN
    IF change <> 0 THEN
        INSERT INTO media_usage AS u (organization_id, size_bytes)
        VALUES (coalesce(NEW.organization_id, OLD.organization_id), change)
        ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_rendition AFTER INSERT OR DELETE OR UPDATE OF size_bytes ON media_renditions
    FOR EACH ROW EXECUTE FUNCTION count_rendition();
