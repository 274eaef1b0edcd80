-- migrate:up

-- Slots of a week at which posts go out, in the zone of the queue. A slot is 'mon 09:00'. The first queue of a project is
-- its default. `refill` says from which content free slots are filled.
CREATE TABLE queues (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    environment text NOT NULL,
    name text NOT NULL,
    timezone text NOT NULL,
    slots text[] NOT NULL,
    account_ids uuid[],
    is_default boolean NOT NULL,
    jitter_minutes integer NOT NULL,
    paused_until timestamptz,
    refill jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX queues_by_project ON queues (project_id, created_at, id);
CREATE UNIQUE INDEX queues_one_default ON queues (project_id) WHERE is_default;

-- Where a post was put by a queue: NULL for others, and once it has left its slot.
ALTER TABLE scheduled_posts ADD COLUMN queue_id uuid, ADD COLUMN slot_at timestamptz;

-- Which slots are taken, by a post or by a schedule call that waits for approval. The key refuses a second one.
CREATE TABLE queue_holds (
    queue_id uuid NOT NULL REFERENCES queues ON DELETE CASCADE,
    slot_at timestamptz NOT NULL,
    social_account_id uuid NOT NULL,
    post_id uuid REFERENCES scheduled_posts ON DELETE CASCADE,
    intent_id uuid REFERENCES schedule_intents ON DELETE CASCADE,
    PRIMARY KEY (queue_id, slot_at, social_account_id),
    CHECK ((post_id IS NULL) <> (intent_id IS NULL))
);
CREATE UNIQUE INDEX queue_holds_by_post ON queue_holds (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX queue_holds_by_intent ON queue_holds (intent_id) WHERE intent_id IS NOT NULL;

-- Whatever statement ends a post without a live one, or gives it another time, frees its slot. A statement that moves it to
-- another slot sets `slot_at` with `scheduled_for`, and its hold.
CREATE FUNCTION free_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM queue_holds WHERE post_id = OLD.id;
    NEW.queue_id := NULL;
    NEW.slot_at := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER free_slot BEFORE UPDATE OF status, scheduled_for ON scheduled_posts FOR EACH ROW
    WHEN (OLD.queue_id IS NOT NULL
          AND (NEW.status IN ('canceled', 'failed')
               OR (NEW.scheduled_for <> OLD.scheduled_for AND NEW.slot_at = OLD.slot_at)))
    EXECUTE FUNCTION free_slot();

CREATE FUNCTION free_slot_of_intent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM queue_holds WHERE intent_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER free_slot_of_intent AFTER UPDATE OF scheduled_for ON schedule_intents FOR EACH ROW
    WHEN (NEW.scheduled_for <> OLD.scheduled_for) EXECUTE FUNCTION free_slot_of_intent();

-- migrate:down
DROP TRIGGER free_slot_of_intent ON schedule_intents;
DROP FUNCTION free_slot_of_intent();
DROP TRIGGER free_slot ON scheduled_posts;
DROP FUNCTION free_slot();
DROP TABLE queue_holds;
ALTER TABLE scheduled_posts DROP COLUMN queue_id, DROP COLUMN slot_at;
DROP TABLE queues;
