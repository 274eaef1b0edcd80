-- migrate:up

-- Each edit of a container makes a new revision. `reviewed_texts` are its texts as they were at the last decision, or
-- before the first edit, as a JSON object by field; null: nothing has changed since it was created.
ALTER TABLE content_containers
    ADD COLUMN revision       int NOT NULL DEFAULT 1,
    ADD COLUMN reviewed_texts text;

-- Every decision on a container. Its last one is also in content_containers.
CREATE TABLE content_reviews (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    container_id uuid NOT NULL REFERENCES content_containers,
    at           timestamptz NOT NULL,
    by_key       uuid NOT NULL,
    decision     text NOT NULL CHECK (decision IN ('approved', 'rejected', 'changes_requested')),
    note         text,
    revision     int NOT NULL
);
CREATE INDEX content_reviews_by_container ON content_reviews (container_id, id);
INSERT INTO content_reviews (container_id, at, by_key, decision, note, revision)
SELECT id, decided_at, decided_by_key, approval_status, decision_note, 1
  FROM content_containers WHERE decided_at IS NOT NULL ORDER BY decided_at, id;
