-- migrate:up

-- Who decided on a container, when, and in which words. One that was born approved has no decision.
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

-- A schedule call on content that waits for approval, as it came: it becomes posts when the content is approved.
CREATE TABLE schedule_intents (
    id             uuid PRIMARY KEY,
    container_id   uuid NOT NULL REFERENCES content_containers,
    created_by_key uuid NOT NULL,
    scheduled_for  timestamptz NOT NULL,
    targets        text NOT NULL,
    created_at     timestamptz NOT NULL
);
CREATE INDEX schedule_intents_by_container ON schedule_intents (container_id, created_at, id);
