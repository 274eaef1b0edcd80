-- migrate:up

-- Who approved or rejected a container, when, and with which note. Without approval requirement there is no decision.
ALTER TABLE content_containers
    ADD COLUMN decided_at     timestamptz,
    ADD COLUMN decided_by_key uuid,
    ADD COLUMN decision_note  text,
    ADD CHECK (decided_at IS NULL OR approval_status IN ('approved', 'rejected')),
    ADD CHECK ((decided_at IS NULL) = (decided_by_key IS NULL));
DROP INDEX content_containers_decided;
CREATE INDEX content_containers_decided ON content_containers (project_id) WHERE decided_at IS NOT NULL;
CREATE INDEX content_containers_pending ON content_containers (project_id) WHERE approval_status = 'pending';

ALTER TABLE projects ADD COLUMN review_updated_at timestamptz;

-- A publish request for content that is waiting for approval. Approval creates its posts.
CREATE TABLE schedule_intents (
    id             uuid PRIMARY KEY,
    container_id   uuid NOT NULL REFERENCES content_containers,
    created_by_key uuid NOT NULL,
    scheduled_for  timestamptz NOT NULL,
    targets        text NOT NULL,
    created_at     timestamptz NOT NULL
);
CREATE INDEX schedule_intents_by_container ON schedule_intents (container_id, created_at, id);
