-- migrate:up
-- Threads of posts: content in parts, and how far each post of it has come.

ALTER TABLE content_containers ADD COLUMN parts text;

COMMENT ON COLUMN content_containers.parts IS
    'The parts of a thread as JSON (platforms/parts.py: StoredPart). The caption has their texts, joined by blank lines.';

-- `live_parts` grows only, and in the write that records a part. From 1 on, the post can't be canceled and can't fail.
ALTER TABLE scheduled_posts
    ADD COLUMN parts text,
    ADD COLUMN live_parts smallint NOT NULL DEFAULT 0,
    ADD COLUMN thread_status text CHECK (thread_status IN ('complete', 'partial', 'unknown'));

COMMENT ON COLUMN scheduled_posts.parts IS 'What became of each part, as JSON (posts/parts.py: PostPart).';
