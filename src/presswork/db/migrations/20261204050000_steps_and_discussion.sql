-- migrate:up
-- Steps of approval, reminders of content that waits, and what people write about content.
ALTER TABLE projects
    ADD COLUMN review_steps    text,
    ADD COLUMN review_reminder text;
COMMENT ON COLUMN projects.review_steps IS 'JSON (projects/review_steps.py); NULL: one decision is enough.';
COMMENT ON COLUMN projects.review_reminder IS 'JSON with hours; NULL: none is sent.';

ALTER TABLE content_containers
    ADD COLUMN review_steps text,
    ADD COLUMN done_steps   smallint;
COMMENT ON COLUMN content_containers.review_steps IS
    'JSON (content/steps.py): the steps of the policy at its creation, each with the approvals that count.';
COMMENT ON COLUMN content_containers.done_steps IS
    'How many of them are done, so also the place of the current one.';

ALTER TABLE content_reviews ADD COLUMN step text;
COMMENT ON COLUMN content_reviews.step IS 'The name of the step that was decided on.';

-- Of content whose project had reminders at its creation. `due_at` is set while it waits for a decision.
CREATE TABLE content_reminders (
    container_id uuid PRIMARY KEY REFERENCES content_containers,
    after        interval NOT NULL,
    repeat_after interval,
    due_at       timestamptz
);
CREATE INDEX content_reminders_due ON content_reminders (due_at, container_id) WHERE due_at IS NOT NULL;

CREATE TABLE content_comments (
    id              uuid PRIMARY KEY,
    container_id    uuid NOT NULL REFERENCES content_containers,
    project_id      uuid NOT NULL,
    organization_id uuid NOT NULL,
    environment     text NOT NULL,
    text            text NOT NULL,
    visibility      text NOT NULL CHECK (visibility IN ('internal', 'external')),
    anchor          text,
    mentions        uuid[] NOT NULL DEFAULT '{}',
    author          text NOT NULL,
    author_name     text,
    created_at      timestamptz NOT NULL,
    resolved_at     timestamptz
);
COMMENT ON COLUMN content_comments.visibility IS 'External ones are shown at the pages of review links too.';
COMMENT ON COLUMN content_comments.anchor IS 'JSON: a place in a picture, a time of a video, or both.';
COMMENT ON COLUMN content_comments.author IS 'The public id of the key, of the user or of the review link.';
CREATE INDEX content_comments_by_container ON content_comments (container_id, created_at, id);

-- migrate:down
DROP TABLE content_comments;
DROP TABLE content_reminders;
ALTER TABLE content_reviews DROP COLUMN step;
ALTER TABLE content_containers DROP COLUMN done_steps, DROP COLUMN review_steps;
ALTER TABLE projects DROP COLUMN review_reminder, DROP COLUMN review_steps;
