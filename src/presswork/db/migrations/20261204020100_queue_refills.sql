-- migrate:up
-- A slot that was filled with evergreen content, and with what: never filled again, whatever became of the posts.
CREATE TABLE queue_refills (
    queue_id uuid NOT NULL REFERENCES queues ON DELETE CASCADE,
    slot_at timestamptz NOT NULL,
    container_id uuid NOT NULL REFERENCES content_containers ON DELETE CASCADE,
    post_ids uuid[] NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (queue_id, slot_at)
);
CREATE INDEX queue_refills_by_content ON queue_refills (container_id, queue_id);

-- When the free slots of a queue are filled next; null: soon. While a worker does it, it is the end of its lease.
ALTER TABLE queues ADD COLUMN refill_at timestamptz, ADD COLUMN refilled_by text;
CREATE INDEX queues_to_refill ON queues (refill_at NULLS FIRST, id) WHERE refill IS NOT NULL;
CREATE INDEX content_containers_labeled ON content_containers (project_id, id)
 WHERE labels <> '{}' AND status = 'completed';

-- migrate:down
DROP INDEX content_containers_labeled;
DROP INDEX queues_to_refill;
ALTER TABLE queues DROP COLUMN refill_at, DROP COLUMN refilled_by;
DROP TABLE queue_refills;
