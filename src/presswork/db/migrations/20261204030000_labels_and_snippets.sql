-- migrate:up

-- The labels of an organization with their numbers: only content with labels is in it.
CREATE INDEX content_containers_labelled ON content_containers (organization_id, environment, project_id)
 INCLUDE (labels) WHERE labels <> '{}' AND status NOT IN ('canceled', 'deleted');

-- Search by the beginnings of words finds labels too: in an index of its own, since most content has none.
CREATE FUNCTION label_words_of(labels text[], organization uuid, environment text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, regexp_replace(labels::text, '[^[:alnum:]]+', ' ', 'g'))
           || array_to_tsvector(ARRAY['@' || organization || environment]);
CREATE INDEX content_containers_by_label_words ON content_containers
    USING gin (label_words_of(labels, organization_id, environment)) WHERE labels <> '{}';

-- Texts that people insert into posts, shared with the project.
CREATE TABLE snippets (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES projects,
    organization_id uuid NOT NULL,
    environment     text NOT NULL,
    name            text NOT NULL,
    text            text NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX snippets_by_name ON snippets (project_id, name);
CREATE INDEX snippets_by_project ON snippets (project_id, created_at, id);

-- What is filled in when posts go out: {"variables": {name: value} | null, "utm": {…} | null}. NULL: nothing is.
ALTER TABLE projects ADD COLUMN fill jsonb;

-- The same values as they were when the post was created or edited, those that it uses, and its texts with them:
-- {"variables", "utm", "texts": {"caption", "firstComment"}}. NULL: nothing is filled in.
ALTER TABLE scheduled_posts ADD COLUMN fill jsonb;

-- migrate:down
ALTER TABLE scheduled_posts DROP COLUMN fill;
ALTER TABLE projects DROP COLUMN fill;
DROP TABLE snippets;
DROP INDEX content_containers_by_label_words;
DROP FUNCTION label_words_of;
DROP INDEX content_containers_labelled;
