-- migrate:up

-- A portal link stands until it is revoked, unless it was made with an end.
ALTER TABLE page_links
    ALTER COLUMN expires_at DROP NOT NULL,
    DROP CONSTRAINT page_links_kind_check,
    ADD CONSTRAINT page_links_kind_check
        CHECK (kind IN ('review_link', 'connect_link', 'tiktok_post_link', 'portal_link')) NOT VALID,
    ADD CONSTRAINT page_links_expiry_check CHECK (expires_at IS NOT NULL OR kind = 'portal_link') NOT VALID;
CREATE INDEX page_links_by_end ON page_links (coalesce(expires_at, revoked_at));
DROP INDEX page_links_by_expiry;

-- What a person does at such a page is recorded as an act of the link.
ALTER TABLE audit_log
    DROP CONSTRAINT audit_log_actor_check,
    DROP CONSTRAINT audit_log_check,
    ADD CONSTRAINT audit_log_actor_check CHECK (
        actor IN ('api_key', 'user', 'review_link', 'connect_link', 'tiktok_post_link', 'portal_link', 'command_line',
                  'worker', 'platform')
    ) NOT VALID,
    ADD CONSTRAINT audit_log_check CHECK (
        (actor = 'api_key') = (key_id IS NOT NULL) AND (actor = 'user') = (user_id IS NOT NULL)
        AND (actor IN ('review_link', 'connect_link', 'tiktok_post_link', 'portal_link')) = (link_id IS NOT NULL)
    ) NOT VALID;

-- Whether the link at whose page a person decided is a portal link and not a review link.
ALTER TABLE content_containers ADD COLUMN decided_at_portal boolean NOT NULL DEFAULT false;
ALTER TABLE content_reviews ADD COLUMN at_portal boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE content_reviews DROP COLUMN at_portal;
ALTER TABLE content_containers DROP COLUMN decided_at_portal;
CREATE INDEX page_links_by_expiry ON page_links (expires_at);
DROP INDEX page_links_by_end;
DELETE FROM page_links WHERE kind = 'portal_link';
ALTER TABLE page_links
    DROP CONSTRAINT page_links_expiry_check,
    DROP CONSTRAINT page_links_kind_check,
    ADD CONSTRAINT page_links_kind_check CHECK (kind IN ('review_link', 'connect_link', 'tiktok_post_link')) NOT VALID,
    ALTER COLUMN expires_at SET NOT NULL;
