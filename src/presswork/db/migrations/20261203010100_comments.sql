-- migrate:up

-- Comments on live posts, and Presswork's replies to them. `external_id` is the platform's id; a reply has none until it is
-- written. `parent_external_id` is the comment that one answers; a reply of Presswork also has the row, `reply_to`.
-- Of others' comments, text and author are null once they were erased: `texts_expire_at` is when that is due.
CREATE TABLE comments (
    id                 uuid PRIMARY KEY,
    project_id         uuid NOT NULL REFERENCES projects,
    organization_id    uuid NOT NULL,
    environment        text NOT NULL CHECK (environment IN ('live', 'test')),
    social_account_id  uuid NOT NULL REFERENCES social_accounts ON DELETE CASCADE,
    post_id            uuid NOT NULL REFERENCES scheduled_posts ON DELETE CASCADE,
    platform           text NOT NULL,
    external_id        text,
    parent_external_id text,
    thread             text NOT NULL,
    thread_at          timestamptz NOT NULL,
    reply_to           uuid REFERENCES comments ON DELETE SET NULL,
    author             text,
    author_external_id text,
    text               text,
    is_own             boolean NOT NULL,
    is_hidden          boolean NOT NULL DEFAULT false,
    is_liked           boolean NOT NULL DEFAULT false,
    offered            text[] NOT NULL,
    status             text NOT NULL CHECK (status IN ('new', 'open', 'done')),
    assignee_id        uuid REFERENCES users ON DELETE SET NULL,
    note               text,
    reply_status       text CHECK (reply_status IN ('queued', 'posted', 'failed', 'outcome_unknown')),
    error              text,
    raw                jsonb NOT NULL DEFAULT '{}',
    created_at         timestamptz NOT NULL,
    seen_at            timestamptz NOT NULL,
    settled_at         timestamptz,
    deleted_at         timestamptz,
    texts_expire_at    timestamptz,
    CHECK (NOT (is_own AND status = 'new')),
    CHECK (reply_status IS NULL OR is_own)
) WITH (fillfactor = 90);
COMMENT ON COLUMN comments.thread IS 'The platform''s id of the comment at the top of its thread, and thread_at its creation.';
COMMENT ON COLUMN comments.seen_at IS 'When it was read for the first time, or a reply was asked for.';
COMMENT ON COLUMN comments.settled_at IS 'When a call about it ended: what a read that began before shows is old.';
COMMENT ON COLUMN comments.offered IS 'What the platform allows with it: reply, hide, like, delete.';
COMMENT ON COLUMN comments.error IS 'Why the last call about it has failed, as a sentence with what to do.';
COMMENT ON COLUMN comments.raw IS 'What calls stored for later ones, such as the key of a like.';
CREATE UNIQUE INDEX comments_by_external_id ON comments (social_account_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX comments_by_tenant ON comments (organization_id, environment, is_own, status, created_at, id)
 WHERE deleted_at IS NULL;
CREATE INDEX comments_by_project ON comments (project_id, is_own, status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX comments_by_account ON comments (social_account_id, is_own, status, created_at, id);
CREATE INDEX comments_by_post ON comments (post_id, thread_at, thread, created_at, id);
CREATE INDEX comments_by_assignee ON comments (assignee_id, is_own, status, created_at, id)
 WHERE assignee_id IS NOT NULL;
CREATE INDEX comments_by_reply_to ON comments (reply_to) WHERE reply_to IS NOT NULL;
CREATE INDEX comments_by_expiry ON comments (texts_expire_at) WHERE texts_expire_at IS NOT NULL;
CREATE INDEX comments_by_age ON comments (seen_at);
-- An export reads the comments of a project in an order that does not change.
CREATE INDEX comments_of_project ON comments (project_id, id);

-- What a worker has to do about a comment: write a reply (the row of the reply is the comment then), hide, like or delete it.
-- `is_wanted` false takes back: shows again, or takes the like back. The newest wish wins. While a call is leased, `run_at` is
-- the end of the lease. `called_at` is committed before the call that writes a reply.
CREATE TABLE comment_calls (
    comment_id        uuid NOT NULL REFERENCES comments ON DELETE CASCADE,
    kind              text NOT NULL CHECK (kind IN ('reply', 'hide', 'like', 'delete')),
    post_id           uuid NOT NULL,
    is_wanted         boolean NOT NULL DEFAULT true,
    progress          jsonb NOT NULL DEFAULT '{}',
    called_at         timestamptz,
    asked_at          timestamptz NOT NULL,
    gives_up_at       timestamptz NOT NULL,
    run_at            timestamptz NOT NULL,
    attempts          integer NOT NULL DEFAULT 0,
    leased_by         text,
    version           integer NOT NULL DEFAULT 1,
    PRIMARY KEY (comment_id, kind)
) WITH (fillfactor = 85);
CREATE INDEX comment_calls_due ON comment_calls (run_at, comment_id, kind);
CREATE INDEX comment_replies_of_post ON comment_calls (post_id, asked_at, comment_id) WHERE kind = 'reply';

-- Texts for replies, shared with the project.
CREATE TABLE saved_replies (
    id         uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects,
    name       text NOT NULL,
    text       text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX saved_replies_by_project ON saved_replies (project_id, created_at, id);

-- migrate:down
DROP TABLE saved_replies;
DROP TABLE comment_calls;
DROP TABLE comments;
