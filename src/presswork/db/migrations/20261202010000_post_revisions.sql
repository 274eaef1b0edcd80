-- migrate:up

-- 1 at first, +1 per edit of the texts and options. `version` is the fence of workers and rises with every write.
ALTER TABLE scheduled_posts ADD COLUMN revision integer NOT NULL DEFAULT 1;
