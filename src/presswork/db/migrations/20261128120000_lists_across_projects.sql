-- migrate:up

-- The list of the posts of all projects, and their summary: a range for each status. The account is included so that the
-- summary reads no rows of the table.
CREATE INDEX scheduled_posts_by_tenant ON scheduled_posts (organization_id, environment, status, scheduled_for, id)
    INCLUDE (social_account_id);
