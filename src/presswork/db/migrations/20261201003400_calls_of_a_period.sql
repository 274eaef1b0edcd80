-- migrate:up

-- Calls within a period that the platform counts from zero, such as a day, beside those in `taken`. Only their number
-- matters: an array of up to 100,000 instants was rewritten for each post to LinkedIn. Those of an earlier version, which
-- are in `taken`, count as well.
ALTER TABLE rate_limit_reservations ADD COLUMN calls integer NOT NULL DEFAULT 0;
