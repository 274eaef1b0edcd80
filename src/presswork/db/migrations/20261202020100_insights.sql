-- migrate:up

-- The numbers of live posts, each time they were taken. No reference to the posts: dropping a month would lock their table.
CREATE TABLE post_insights (
    post_id               uuid NOT NULL,
    taken_at              timestamptz NOT NULL,
    views                 bigint,
    reach                 bigint,
    likes                 bigint,
    comments              bigint,
    shares                bigint,
    saves                 bigint,
    clicks                bigint,
    watch_seconds         double precision,
    average_watch_seconds double precision,
    follows               bigint,
    raw                   jsonb NOT NULL,
    PRIMARY KEY (post_id, taken_at)
) PARTITION BY RANGE (taken_at);

-- The last numbers of each post, beside what they are filtered and grouped by.
CREATE TABLE post_insights_latest (
    post_id               uuid PRIMARY KEY REFERENCES scheduled_posts ON DELETE CASCADE,
    project_id            uuid NOT NULL,
    organization_id       uuid NOT NULL,
    container_id          uuid NOT NULL,
    social_account_id     uuid NOT NULL,
    published_at          timestamptz NOT NULL,
    taken_at              timestamptz NOT NULL,
    event_at              timestamptz,
    views                 bigint,
    reach                 bigint,
    likes                 bigint,
    comments              bigint,
    shares                bigint,
    saves                 bigint,
    clicks                bigint,
    watch_seconds         double precision,
    average_watch_seconds double precision,
    follows               bigint,
    environment           text NOT NULL,
    platform              text NOT NULL,
    unavailable           jsonb NOT NULL DEFAULT '{}',
    missing_scopes        text[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 85);
COMMENT ON COLUMN post_insights_latest.event_at IS 'When the last event about its numbers was due.';
CREATE INDEX post_insights_by_tenant ON post_insights_latest (organization_id, environment, published_at, post_id);
CREATE INDEX post_insights_by_project ON post_insights_latest (project_id, published_at, post_id);
CREATE INDEX post_insights_by_account ON post_insights_latest (social_account_id, published_at, post_id);
CREATE INDEX post_insights_by_age ON post_insights_latest (taken_at);

CREATE TABLE account_insights (
    social_account_id uuid NOT NULL REFERENCES social_accounts ON DELETE CASCADE,
    day               date NOT NULL,
    followers         bigint,
    views             bigint,
    reach             bigint,
    PRIMARY KEY (social_account_id, day)
);
CREATE INDEX account_insights_by_age ON account_insights (day);

CREATE TABLE account_insights_latest (
    social_account_id uuid PRIMARY KEY REFERENCES social_accounts ON DELETE CASCADE,
    taken_at          timestamptz NOT NULL,
    followers         bigint,
    unavailable       jsonb NOT NULL,
    missing_scopes    text[] NOT NULL
);

-- Metrics that platforms reported to be invalid, by their names: not requested again of that version of the API.
CREATE TABLE removed_metrics (
    login       text NOT NULL,
    environment text NOT NULL,
    api_version text NOT NULL,
    metric      text NOT NULL,
    removed_at  timestamptz NOT NULL,
    PRIMARY KEY (login, environment, api_version, metric)
);

-- The program's role can't create or drop tables. It calls these for the months that it writes, and for those to forget.
CREATE FUNCTION add_insights_months(first_at timestamptz, last_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    month timestamp := date_trunc('month', first_at AT TIME ZONE 'UTC');
    added integer := 0;
    name text;
BEGIN
    IF last_at > first_at + interval '1 year' THEN
        RAISE EXCEPTION 'too many months at once';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('post_insights'));
    WHILE month <= last_at AT TIME ZONE 'UTC' LOOP
        name := 'post_insights_' || to_char(month, 'YYYYMM');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE post_insights INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
            EXECUTE format('ALTER TABLE post_insights ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name,
                           month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
            added := added + 1;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN added;
END
$$;

CREATE FUNCTION drop_insights_months(before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    dropped integer := 0;
    found_name text;
BEGIN
    IF before > now() THEN
        RAISE EXCEPTION 'the numbers of the future can not be dropped';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('post_insights'));
    FOR found_name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'post_insights'::regclass
           AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC' <= before
         ORDER BY c.relname LIMIT 12
    LOOP
        EXECUTE format('DROP TABLE %I', found_name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

SELECT add_insights_months(now(), now() + interval '2 months');

-- Free words that people sort their content by.
ALTER TABLE content_containers ADD COLUMN labels text[] NOT NULL DEFAULT '{}';
CREATE INDEX content_containers_labels ON content_containers (id) INCLUDE (labels) WHERE labels <> '{}';

-- migrate:down
DROP INDEX content_containers_labels;
ALTER TABLE content_containers DROP COLUMN labels;
DROP FUNCTION drop_insights_months;
DROP FUNCTION add_insights_months;
DROP TABLE removed_metrics;
DROP TABLE account_insights_latest;
DROP TABLE account_insights;
DROP TABLE post_insights_latest;
DROP TABLE post_insights;
