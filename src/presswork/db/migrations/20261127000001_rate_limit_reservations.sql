-- migrate:up

-- The name that the code uses for these rows.
ALTER TABLE platform_turns RENAME TO rate_limit_reservations;
ALTER INDEX platform_turns_by_age RENAME TO rate_limit_reservations_by_age;
