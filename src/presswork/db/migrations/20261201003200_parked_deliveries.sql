-- migrate:up

-- Deliveries that wait for a paused endpoint. The claim of the workers parks what it finds and reads an index without
-- them, so that paused endpoints cost no poll afterwards.
ALTER TABLE webhook_deliveries ADD COLUMN is_parked boolean NOT NULL DEFAULT false;
DROP INDEX webhook_deliveries_due;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at, position)
 WHERE status = 'pending' AND NOT is_parked;

-- By a trigger, because a process of an earlier version resumes endpoints too while a cluster is upgraded. The endpoint is
-- locked, so no claim parks its deliveries meanwhile.
CREATE FUNCTION unpark_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE webhook_deliveries SET is_parked = false WHERE endpoint_id = NEW.id AND status = 'pending' AND is_parked;
    RETURN NULL;
END $$;
CREATE TRIGGER unpark_deliveries AFTER UPDATE OF status ON webhook_endpoints
    FOR EACH ROW WHEN (OLD.status = 'paused' AND NEW.status = 'active') EXECUTE FUNCTION unpark_deliveries();
