-- migrate:up

-- An entry is written for each post that ends. Its checks took longer than the row and its indexes: a trigger's INSERT
-- prepares them again each time. The triggers are what writes the columns.
ALTER TABLE usage_entries DROP CONSTRAINT usage_entries_environment_check, DROP CONSTRAINT usage_entries_kind_check;

CREATE OR REPLACE FUNCTION count_ended_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_entries (organization_id, environment, day, project_id, platform, kind, amount)
    VALUES (NEW.organization_id, NEW.environment, utc_day(NEW.updated_at), NEW.project_id, NEW.platform, NEW.status,
            1);
    RETURN NULL;
END $$;

-- As before, but organizations without limits of posts pay for one look-up: a lock that is free is taken by an
-- expression, without a query. The look-up has a snapshot of after the lock.
CREATE OR REPLACE FUNCTION limit_posts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    organizations uuid[] := ARRAY(SELECT DISTINCT organization_id FROM created ORDER BY 1);
    made          record;
    maximum       record;
    total         bigint;
BEGIN
    FOR place IN 1 .. cardinality(organizations) LOOP
        IF NOT pg_try_advisory_xact_lock_shared(hashtextextended('limits ' || organizations[place], 0)) THEN
            PERFORM share_limits(organizations[place]);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM organization_limits WHERE organization_id = ANY(organizations)
                      AND (posts_per_month IS NOT NULL OR queued IS NOT NULL)) THEN
        RETURN NULL;
    END IF;
    FOR made IN SELECT c.organization_id AS organization, c.environment, max(c.created_at) AS at, count(*) AS posts
                  FROM created c GROUP BY c.organization_id, c.environment, utc_month(c.created_at)
                 ORDER BY 1, 2, 3 LOOP
        SELECT posts_per_month, queued INTO maximum FROM organization_limits
         WHERE organization_id = made.organization AND (posts_per_month IS NOT NULL OR queued IS NOT NULL)
           FOR NO KEY UPDATE;
        CONTINUE WHEN NOT FOUND;
        IF maximum.posts_per_month IS NOT NULL THEN
            INSERT INTO post_months AS m (organization_id, environment, month, posts)
            VALUES (made.organization, made.environment, utc_month(made.at), made.posts)
            ON CONFLICT (organization_id, environment, month) DO UPDATE SET posts = m.posts + excluded.posts
            RETURNING posts INTO total;
            PERFORM require_limit(made.organization, made.environment, 'postsPerMonth', total, made.posts,
                                  maximum.posts_per_month, made.at);
        END IF;
        IF maximum.queued IS NOT NULL THEN
            SELECT count(*) INTO total FROM (
                SELECT FROM scheduled_posts p
                 WHERE p.organization_id = made.organization AND p.environment = made.environment
                   AND p.status IN ('queued', 'publishing')
                 LIMIT maximum.queued + made.posts) q;
            PERFORM require_limit(made.organization, made.environment, 'queued', total, made.posts, maximum.queued,
                                  made.at);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- migrate:down
CREATE OR REPLACE FUNCTION limit_posts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    made    record;
    maximum record;
    total   bigint;
BEGIN
    FOR made IN SELECT c.organization_id AS organization, c.environment, max(c.created_at) AS at, count(*) AS posts
                  FROM created c GROUP BY c.organization_id, c.environment, utc_month(c.created_at)
                 ORDER BY 1, 2, 3 LOOP
        PERFORM share_limits(made.organization);
        SELECT posts_per_month, queued INTO maximum FROM organization_limits
         WHERE organization_id = made.organization AND (posts_per_month IS NOT NULL OR queued IS NOT NULL)
           FOR NO KEY UPDATE;
        CONTINUE WHEN NOT FOUND;
        IF maximum.posts_per_month IS NOT NULL THEN
            INSERT INTO post_months AS m (organization_id, environment, month, posts)
            VALUES (made.organization, made.environment, utc_month(made.at), made.posts)
            ON CONFLICT (organization_id, environment, month) DO UPDATE SET posts = m.posts + excluded.posts
            RETURNING posts INTO total;
            PERFORM require_limit(made.organization, made.environment, 'postsPerMonth', total, made.posts,
                                  maximum.posts_per_month, made.at);
        END IF;
        IF maximum.queued IS NOT NULL THEN
            SELECT count(*) INTO total FROM (
                SELECT FROM scheduled_posts p
                 WHERE p.organization_id = made.organization AND p.environment = made.environment
                   AND p.status IN ('queued', 'publishing')
                 LIMIT maximum.queued + made.posts) q;
            PERFORM require_limit(made.organization, made.environment, 'queued', total, made.posts, maximum.queued,
                                  made.at);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_ended_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_usage(NEW.organization_id, NEW.environment, utc_day(NEW.updated_at), NEW.project_id, NEW.platform,
                      NEW.status, 1);
    RETURN NULL;
END $$;

ALTER TABLE usage_entries
    ADD CONSTRAINT usage_entries_environment_check CHECK (environment IN ('live', 'test', 'both')) NOT VALID,
    ADD CONSTRAINT usage_entries_kind_check CHECK (kind IN ('published', 'draft', 'failed', 'canceled', 'accounts',
                                                            'media_bytes', 'api_calls', 'texts', 'seats')) NOT VALID;
