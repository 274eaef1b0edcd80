-- migrate:up

-- What the approval of a project's new content covers. A container keeps what was in force when it was created.
ALTER TABLE projects
    ADD COLUMN review_covers text NOT NULL DEFAULT 'content' CHECK (review_covers IN ('content', 'content_and_text'));

-- With `is_covered`, only texts that were approved go out: an edit makes approved content pending again.
-- `approved_overrides` are the texts of single accounts that were approved with the content.
ALTER TABLE content_containers
    ADD COLUMN is_covered         boolean NOT NULL DEFAULT false,
    ADD COLUMN approved_overrides text,
    DROP CONSTRAINT content_containers_check;
ALTER TABLE content_reviews ADD COLUMN fingerprint text;  -- SHA-256 of what was approved, with `is_covered`

-- A queued post that waits until its edited content is approved; its run_at is 'infinity'.
ALTER TABLE scheduled_posts ADD COLUMN is_held boolean NOT NULL DEFAULT false;
