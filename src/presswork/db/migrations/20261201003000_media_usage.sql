-- migrate:up

-- The bytes that count toward each organization's quota: of its stored files, and of the files that its open uploads
-- promise. They were added up twice for each upload.
CREATE TABLE media_usage (
    organization_id uuid PRIMARY KEY,
    size_bytes      bigint NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- By triggers, because a process of an earlier version stores media too while a cluster is upgraded.
CREATE FUNCTION count_asset() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
    is_promised  boolean := EXISTS (SELECT FROM content_containers
                                     WHERE id = coalesce(NEW.container_id, OLD.container_id) AND status = 'queued');
    change       bigint := coalesce(NEW.size_bytes, CASE WHEN is_promised THEN NEW.declared_size_bytes END, 0)
                         - coalesce(OLD.size_bytes, CASE WHEN is_promised THEN OLD.declared_size_bytes END, 0);
BEGIN
    IF change <> 0 THEN
        INSERT INTO media_usage AS u (organization_id, size_bytes) VALUES (organization, change)
        ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_asset AFTER INSERT OR DELETE OR UPDATE OF size_bytes, declared_size_bytes ON media_assets
    FOR EACH ROW EXECUTE FUNCTION count_asset();

-- Once for a statement, so that sweeps that cancel uploads of the same organizations lock their rows in one order.
CREATE FUNCTION count_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO media_usage AS u (organization_id, size_bytes)
    SELECT a.organization_id, sum(CASE n.status WHEN 'queued' THEN a.declared_size_bytes ELSE -a.declared_size_bytes END)
      FROM old_containers o JOIN new_containers n ON n.id = o.id AND (n.status = 'queued') <> (o.status = 'queued')
      JOIN media_assets a ON a.container_id = n.id AND a.size_bytes IS NULL AND a.declared_size_bytes IS NOT NULL
     GROUP BY a.organization_id ORDER BY a.organization_id
    ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
    RETURN NULL;
END $$;
CREATE TRIGGER count_promises AFTER UPDATE ON content_containers
    REFERENCING OLD TABLE AS old_containers NEW TABLE AS new_containers
    FOR EACH STATEMENT EXECUTE FUNCTION count_promises();

-- From here on no other transaction writes media until this one ends.
INSERT INTO media_usage (organization_id, size_bytes)
SELECT a.organization_id, sum(coalesce(a.size_bytes, a.declared_size_bytes))
  FROM media_assets a
 WHERE a.size_bytes IS NOT NULL
    OR a.declared_size_bytes IS NOT NULL
       AND EXISTS (SELECT FROM content_containers c WHERE c.id = a.container_id AND c.status = 'queued')
 GROUP BY a.organization_id;
DROP INDEX media_assets_stored;
DROP INDEX content_containers_promised;
