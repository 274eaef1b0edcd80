-- migrate:up

-- Decisions of people at the page of a review link. `reviewer_name` is the name that the person gave with the latest decision
-- or request for changes; null: it was no person at such a page. NOT VALID: the constraints that these replace were stricter.
ALTER TABLE content_containers
    ADD COLUMN decided_by_link uuid,
    ADD COLUMN reviewer_name text,
    DROP CONSTRAINT content_containers_decided_check,
    ADD CONSTRAINT content_containers_decided_check CHECK (
        (decided_at IS NULL) = (num_nonnulls(decided_by_key, decided_by_user, decided_by_link) = 0)
        AND num_nonnulls(decided_by_key, decided_by_user, decided_by_link) <= 1
    ) NOT VALID;
ALTER TABLE content_reviews
    ADD COLUMN by_link uuid,
    ADD COLUMN by_name text,
    DROP CONSTRAINT content_reviews_check,
    ADD CONSTRAINT content_reviews_check CHECK (num_nonnulls(by_key, by_user, by_link) = 1) NOT VALID;

-- Browsers in which the page of a review link was opened: the name that the person there gave, and the texts of the content
-- at the latest visit (`seen`) and at the one before it (`before`), by the ids of the containers.
CREATE TABLE review_visitors (
    link_id  uuid NOT NULL REFERENCES page_links ON DELETE CASCADE,
    visitor  uuid NOT NULL,
    name     text,
    seen     jsonb NOT NULL,
    before   jsonb,
    began_at timestamptz NOT NULL,
    PRIMARY KEY (link_id, visitor)
);
