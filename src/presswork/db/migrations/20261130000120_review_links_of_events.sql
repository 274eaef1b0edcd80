-- migrate:up

-- A project whose `content.pending` events carry a review link: for the key or the user who asked for that, its links act.
-- `event_link` names the link and the secret key from which its token is computed when the event is sent; no token is stored.
ALTER TABLE projects
    ADD COLUMN review_links_by_key uuid REFERENCES api_keys,
    ADD COLUMN review_links_by_user uuid REFERENCES users ON DELETE SET NULL,
    ADD CONSTRAINT projects_review_links_check
        CHECK (review_links_by_key IS NULL OR review_links_by_user IS NULL) NOT VALID;
ALTER TABLE content_containers ADD COLUMN event_link text;
