-- migrate:up

-- Temporary errors in a row, and whether the outcome of a post's call is unknown, under the names that the code uses.
-- Rows in flight keep their values.
ALTER TABLE scheduled_posts RENAME COLUMN faults TO error_count;
ALTER TABLE scheduled_posts RENAME COLUMN faulty_since TO first_error_at;
ALTER TABLE scheduled_posts RENAME COLUMN faulty_at TO last_error_at;
ALTER TABLE text_messages RENAME COLUMN faults TO error_count;
UPDATE scheduled_posts SET platform_state = replace(platform_state, '"inDoubt":', '"outcomeUnknown":')
 WHERE platform_state LIKE '%"inDoubt":%';
