-- migrate:up

-- Autovacuum begins after few changed rows, not after a fifth of the table: of a hundred million posts that would be twenty
-- million. A vacuum reads only the pages that changed since the last one, so an early one is cheap, however large the table
-- is (docs/decisions/0032-ended-posts-stay-in-the-table.md). Statistics are gathered ten times as often as by default.
ALTER TABLE scheduled_posts SET (
    autovacuum_vacuum_scale_factor = 0.002, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 500
);
ALTER TABLE webhook_deliveries SET (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 500
);

-- Rows that never change are frozen by the first vacuum that reads them, so that no later one has to. After a fiftieth of
-- the table is new, not a fifth: many small vacuums instead of a few long ones.
ALTER TABLE post_events SET (
    autovacuum_freeze_min_age = 0,
    autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 10000
);
ALTER TABLE audit_log SET (
    autovacuum_freeze_min_age = 0,
    autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 10000
);
