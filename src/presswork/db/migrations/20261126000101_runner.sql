-- migrate:up

-- Leases are judged by the database's clock, so nothing is written any more about clocks that ran ahead.
ALTER TABLE scheduled_posts DROP COLUMN ahead_at;

-- Which worker has a follow-up in hand: a worker that stops, or whose claim fails half-way, releases its own.
ALTER TABLE post_follow_ups ADD COLUMN leased_by text;
