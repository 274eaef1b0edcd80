-- migrate:up

-- At most 20 schedule calls wait on one container: each has a slot, and the unique index decides between calls that
-- arrive at the same time. Calls of a container that had more have none.
ALTER TABLE schedule_intents ADD COLUMN slot smallint CHECK (slot BETWEEN 1 AND 20);
UPDATE schedule_intents i SET slot = n.slot
  FROM (SELECT id, row_number() OVER (PARTITION BY container_id ORDER BY created_at, id) AS slot
          FROM schedule_intents) n
 WHERE n.id = i.id AND n.slot <= 20;
CREATE UNIQUE INDEX schedule_intents_slot ON schedule_intents (container_id, slot);
