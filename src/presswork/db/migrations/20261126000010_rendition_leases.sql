-- migrate:up

-- Conversions in progress, so that each rendition is made once for all posts and workers. A row exists during the
-- conversion; if that fails, the row keeps the reason for a while.
CREATE TABLE rendition_leases (
    object_key   text PRIMARY KEY,
    holder       uuid NOT NULL,
    leased_until timestamptz NOT NULL,
    refusal      text
);
