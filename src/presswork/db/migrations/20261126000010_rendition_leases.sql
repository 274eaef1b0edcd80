-- migrate:up

-- Who converts a piece of media right now, so that one copy is made however many posts and workers wait for it. A row
-- lives as long as the conversion; where the media can't be converted it keeps the reason for a while.
CREATE TABLE rendition_leases (
    object_key   text PRIMARY KEY,
    holder       uuid NOT NULL,
    leased_until timestamptz NOT NULL,
    refusal      text
);
