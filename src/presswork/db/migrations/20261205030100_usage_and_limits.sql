-- migrate:up

-- What organizations use, as amounts that are only added: a post that ended, an account that was connected, bytes that
-- were stored. Nothing is counted in a row that two transactions write, so none waits for another. Maintenance adds the
-- entries of a day up (orgs/usage.sql: merge_usage). `project_id` and `platform` are null where there is none.
CREATE TABLE usage_entries (
    id              bigint GENERATED ALWAYS AS IDENTITY,
    organization_id uuid NOT NULL,
    environment     text NOT NULL CHECK (environment IN ('live', 'test', 'both')),
    day             date NOT NULL,
    project_id      uuid,
    platform        text,
    kind            text NOT NULL CHECK (kind IN ('published', 'draft', 'failed', 'canceled', 'accounts', 'media_bytes',
                                                  'api_calls', 'texts', 'seats')),
    amount          bigint NOT NULL,
    is_merged       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (organization_id, environment, day, id)
);
CREATE INDEX usage_entries_to_merge ON usage_entries (id) WHERE NOT is_merged;

-- What an organization may use. NULL: any amount.
CREATE TABLE organization_limits (
    organization_id uuid PRIMARY KEY REFERENCES organizations,
    projects        bigint CHECK (projects >= 0),
    accounts        bigint CHECK (accounts >= 0),
    posts_per_month bigint CHECK (posts_per_month >= 0),
    queued          bigint CHECK (queued >= 0),
    media_bytes     bigint CHECK (media_bytes >= 0),
    users           bigint CHECK (users >= 0),
    keys            bigint CHECK (keys >= 0),
    updated_at      timestamptz NOT NULL
);

-- The posts that were created in a month (UTC), of organizations with such a limit.
CREATE TABLE post_months (
    organization_id uuid NOT NULL REFERENCES organizations,
    environment     text NOT NULL CHECK (environment IN ('live', 'test')),
    month           date NOT NULL,
    posts           bigint NOT NULL,
    PRIMARY KEY (organization_id, environment, month)
) WITH (fillfactor = 50);

-- Limits that an organization came near or reached, once a month each; announced by events (notices/queries.sql).
CREATE TABLE limit_crossings (
    organization_id uuid NOT NULL REFERENCES organizations,
    environment     text NOT NULL CHECK (environment IN ('live', 'test', 'both')),
    name            text NOT NULL,
    percent         smallint NOT NULL CHECK (percent IN (80, 100)),
    month           date NOT NULL,
    used            bigint NOT NULL,
    maximum         bigint NOT NULL,
    announced_at    timestamptz,
    PRIMARY KEY (organization_id, environment, name, percent, month)
);
CREATE INDEX limit_crossings_to_announce ON limit_crossings (month, organization_id) WHERE announced_at IS NULL;

-- By triggers, so that every way to make a row is counted, and a process of an earlier version counts too.
CREATE FUNCTION utc_day(instant timestamptz) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN (instant AT TIME ZONE 'UTC')::date;

CREATE FUNCTION utc_month(instant timestamptz) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN date_trunc('month', instant AT TIME ZONE 'UTC')::date;

CREATE FUNCTION add_usage(organization uuid, environment text, day date, project uuid, platform text, kind text,
                          amount bigint) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO usage_entries (organization_id, environment, day, project_id, platform, kind, amount)
    SELECT $1, $2, $3, $4, $5, $6, $7 WHERE $7 <> 0;
END;

-- Waits while the limits of an organization are being set, and keeps them as they are until the transaction ends.
CREATE FUNCTION share_limits(organization uuid) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    SELECT pg_advisory_xact_lock_shared(hashtextextended('limits ' || $1, 0));
END;

CREATE FUNCTION note_limit(organization uuid, environment text, name text, used bigint, maximum bigint, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF maximum = 0 OR used * 5 < maximum * 4 THEN
        RETURN;
    END IF;
    -- Who reaches it at once is not warned of it as well.
    INSERT INTO limit_crossings AS c (organization_id, environment, name, percent, month, used, maximum, announced_at)
    SELECT organization, note_limit.environment, note_limit.name, p.percent, utc_month(at), note_limit.used,
           note_limit.maximum, CASE WHEN p.percent = 80 AND note_limit.used >= note_limit.maximum THEN at END
      FROM (VALUES (80), (100)) AS p(percent)
     WHERE p.percent = 80 OR note_limit.used >= note_limit.maximum
    ON CONFLICT DO NOTHING;
END $$;

-- Raises the error of a plan's limit (db/errors.py) if it is exceeded with what was added; notes a limit that is near.
CREATE FUNCTION require_limit(organization uuid, environment text, name text, used bigint, added bigint,
                              maximum bigint, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF used > maximum THEN
        RAISE EXCEPTION 'the limit % of an organization is reached', name USING ERRCODE = 'PW001', DETAIL =
            json_build_object('limit', name, 'maximum', maximum, 'used', used - added, 'resetsAt',
                              CASE name WHEN 'postsPerMonth' THEN
                              to_char(utc_month(at) + interval '1 month', 'YYYY-MM-DD"T"00:00:00.000"Z"') END)::text;
    END IF;
    PERFORM note_limit(organization, environment, name, used, maximum, at);
END $$;

CREATE FUNCTION count_ended_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_usage(NEW.organization_id, NEW.environment, utc_day(NEW.updated_at), NEW.project_id, NEW.platform,
                      NEW.status, 1);
    RETURN NULL;
END $$;
CREATE TRIGGER count_ended_post AFTER UPDATE OF status ON scheduled_posts FOR EACH ROW
    WHEN (OLD.status IN ('queued', 'publishing') AND NEW.status NOT IN ('queued', 'publishing'))
    EXECUTE FUNCTION count_ended_post();

-- Once for a statement. The counter's row is locked until the transaction ends: of calls that arrive together, each
-- counts the posts of those before it.
CREATE FUNCTION limit_posts() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER limit_posts AFTER INSERT ON scheduled_posts REFERENCING NEW TABLE AS created
    FOR EACH STATEMENT EXECUTE FUNCTION limit_posts();

CREATE FUNCTION limit_project() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    maximum bigint;
BEGIN
    PERFORM share_limits(NEW.organization_id);
    SELECT projects INTO maximum FROM organization_limits
     WHERE organization_id = NEW.organization_id AND projects IS NOT NULL FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM require_limit(NEW.organization_id, NEW.environment, 'projects', (
            SELECT count(*) FROM projects p
             WHERE p.organization_id = NEW.organization_id AND p.environment = NEW.environment
               AND p.status = 'active'), 1, maximum, NEW.updated_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER limit_new_project AFTER INSERT ON projects FOR EACH ROW EXECUTE FUNCTION limit_project();
CREATE TRIGGER limit_restored_project AFTER UPDATE OF status ON projects FOR EACH ROW
    WHEN (OLD.status = 'archived' AND NEW.status = 'active') EXECUTE FUNCTION limit_project();

CREATE FUNCTION count_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change  integer := CASE WHEN NEW.status <> 'disconnected' THEN 1 ELSE 0 END
                     - CASE WHEN OLD.status <> 'disconnected' THEN 1 ELSE 0 END;
    maximum bigint;
BEGIN
    IF change = 0 THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        PERFORM add_usage(OLD.organization_id, OLD.environment, utc_day(now()), OLD.project_id, OLD.platform,
                          'accounts', -1);
        RETURN NULL;
    END IF;
    PERFORM add_usage(NEW.organization_id, NEW.environment, utc_day(NEW.updated_at), NEW.project_id, NEW.platform,
                      'accounts', change);
    IF change < 0 THEN
        RETURN NULL;
    END IF;
    PERFORM share_limits(NEW.organization_id);
    SELECT accounts INTO maximum FROM organization_limits
     WHERE organization_id = NEW.organization_id AND accounts IS NOT NULL FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM require_limit(NEW.organization_id, NEW.environment, 'accounts', (
            SELECT count(*) FROM social_accounts a
             WHERE a.environment = NEW.environment AND a.organization_id = NEW.organization_id
               AND a.status IN ('connected', 'reauth_required')), 1, maximum, NEW.updated_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_account AFTER INSERT OR DELETE OR UPDATE OF status ON social_accounts
    FOR EACH ROW EXECUTE FUNCTION count_account();

CREATE FUNCTION count_user() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change       integer := CASE WHEN TG_OP <> 'DELETE' AND NEW.disabled_at IS NULL THEN 1 ELSE 0 END
                          - CASE WHEN TG_OP <> 'INSERT' AND OLD.disabled_at IS NULL THEN 1 ELSE 0 END;
    organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
    at           timestamptz := CASE TG_OP WHEN 'INSERT' THEN NEW.created_at
                                           ELSE coalesce(NEW.disabled_at, now()) END;
    maximum      bigint;
BEGIN
    PERFORM add_usage(organization, 'both', utc_day(at), NULL, NULL, 'seats', change);
    IF change <= 0 THEN
        RETURN NULL;
    END IF;
    PERFORM share_limits(organization);
    SELECT users INTO maximum FROM organization_limits
     WHERE organization_id = organization AND users IS NOT NULL FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM require_limit(organization, 'both', 'users', (
            SELECT count(*) FROM users u WHERE u.organization_id = organization AND u.disabled_at IS NULL),
            1, maximum, at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_user AFTER INSERT OR DELETE OR UPDATE OF disabled_at ON users
    FOR EACH ROW EXECUTE FUNCTION count_user();

CREATE FUNCTION limit_key() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    maximum bigint;
BEGIN
    PERFORM share_limits(NEW.organization_id);
    SELECT keys INTO maximum FROM organization_limits
     WHERE organization_id = NEW.organization_id AND keys IS NOT NULL FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM require_limit(NEW.organization_id, 'both', 'keys', (
            SELECT count(*) FROM api_keys k
             WHERE k.organization_id = NEW.organization_id AND k.revoked_at IS NULL), 1, maximum, NEW.created_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER limit_key AFTER INSERT ON api_keys FOR EACH ROW EXECUTE FUNCTION limit_key();

CREATE FUNCTION count_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_usage(NEW.organization_id, NEW.environment, utc_day(NEW.updated_at),
                      (SELECT project_id FROM content_containers WHERE id = NEW.container_id), NULL, 'texts', 1);
    RETURN NULL;
END $$;
CREATE TRIGGER count_text AFTER UPDATE OF provider_id ON text_messages FOR EACH ROW
    WHEN (OLD.provider_id IS NULL AND NEW.provider_id IS NOT NULL) EXECUTE FUNCTION count_text();

-- Uploads that may exceed the limit are refused before they are stored (content/quota.py); what is made of stored
-- files, such as a converted video, is not.
CREATE FUNCTION note_media() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    maximum bigint;
BEGIN
    SELECT media_bytes INTO maximum FROM organization_limits
     WHERE organization_id = NEW.organization_id AND media_bytes IS NOT NULL;
    IF FOUND THEN
        PERFORM note_limit(NEW.organization_id, 'both', 'mediaBytes', NEW.size_bytes, maximum, now());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_media AFTER INSERT OR UPDATE OF size_bytes ON media_usage
    FOR EACH ROW EXECUTE FUNCTION note_media();

-- As before, and each change is an entry as well.
CREATE OR REPLACE FUNCTION count_asset() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
    container    uuid := coalesce(NEW.container_id, OLD.container_id);
    is_promised  boolean := EXISTS (SELECT FROM content_containers WHERE id = container AND status = 'queued');
    change       bigint := CASE WHEN NEW.removed_at IS NULL
                           THEN coalesce(NEW.size_bytes, CASE WHEN is_promised THEN NEW.declared_size_bytes END, 0)
                           ELSE 0 END
                         - CASE WHEN OLD.removed_at IS NULL
                           THEN coalesce(OLD.size_bytes, CASE WHEN is_promised THEN OLD.declared_size_bytes END, 0)
                           ELSE 0 END;
BEGIN
    IF change <> 0 THEN
        INSERT INTO media_usage AS u (organization_id, size_bytes) VALUES (organization, change)
        ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
        PERFORM add_usage(organization, coalesce(NEW.environment, OLD.environment), utc_day(now()),
                          (SELECT project_id FROM content_containers WHERE id = container), NULL, 'media_bytes',
                          change);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_rendition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
    change       bigint := coalesce(NEW.size_bytes, 0) - coalesce(OLD.size_bytes, 0);
BEGIN
    IF change <> 0 THEN
        INSERT INTO media_usage AS u (organization_id, size_bytes) VALUES (organization, change)
        ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
        INSERT INTO usage_entries (organization_id, environment, day, project_id, kind, amount)
        SELECT organization, c.environment, utc_day(now()), c.project_id, 'media_bytes', change
          FROM content_containers c WHERE c.id = coalesce(NEW.container_id, OLD.container_id);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH changed AS (
        SELECT a.organization_id, n.environment, n.project_id,
               sum(CASE n.status WHEN 'queued' THEN a.declared_size_bytes ELSE -a.declared_size_bytes END) AS size_bytes
          FROM old_containers o JOIN new_containers n ON n.id = o.id AND (n.status = 'queued') <> (o.status = 'queued')
          JOIN media_assets a ON a.container_id = n.id AND a.size_bytes IS NULL AND a.declared_size_bytes IS NOT NULL
         GROUP BY a.organization_id, n.environment, n.project_id
    ), entry AS (
        INSERT INTO usage_entries (organization_id, environment, day, project_id, kind, amount)
        SELECT organization_id, environment, utc_day(now()), project_id, 'media_bytes', size_bytes FROM changed
    )
    INSERT INTO media_usage AS u (organization_id, size_bytes)
    SELECT organization_id, sum(size_bytes) FROM changed GROUP BY organization_id ORDER BY organization_id
    ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
    RETURN NULL;
END $$;

-- What there is already. Its rows are read once; posts count for the day on which they ended.
INSERT INTO usage_entries (organization_id, environment, day, project_id, platform, kind, amount, is_merged)
SELECT organization_id, environment, utc_day(coalesce(published_at, canceled_at, updated_at)), project_id, platform,
       status, count(*), true
  FROM scheduled_posts WHERE status NOT IN ('queued', 'publishing')
 GROUP BY 1, 2, 3, 4, 5, 6
 UNION ALL
SELECT organization_id, environment, utc_day(connected_at), project_id, platform, 'accounts', count(*), true
  FROM social_accounts WHERE status <> 'disconnected' GROUP BY 1, 2, 3, 4, 5
 UNION ALL
SELECT organization_id, 'both', utc_day(created_at), NULL, NULL, 'seats', count(*), true
  FROM users WHERE disabled_at IS NULL GROUP BY 1, 3
 UNION ALL
SELECT m.organization_id, m.environment, utc_day(now()), m.project_id, NULL, 'media_bytes', sum(m.size_bytes), true
  FROM (SELECT a.organization_id, c.environment, c.project_id,
               coalesce(a.size_bytes, a.declared_size_bytes) AS size_bytes
          FROM media_assets a JOIN content_containers c ON c.id = a.container_id
         WHERE a.removed_at IS NULL
           AND (a.size_bytes IS NOT NULL OR a.declared_size_bytes IS NOT NULL AND c.status = 'queued')
         UNION ALL
        SELECT r.organization_id, c.environment, c.project_id, r.size_bytes
          FROM media_renditions r JOIN content_containers c ON c.id = r.container_id) m
 GROUP BY 1, 2, 4;

-- People are notified of these events too.
CREATE OR REPLACE FUNCTION notice_event_types() RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY['content.pending', 'content.reminder', 'content.changes_requested', 'content.approved',
                 'content.rejected', 'content.commented', 'content.mentioned', 'post.failed', 'post.outcome_unknown',
                 'social_account.needs_reauth', 'social_account.token_expiring', 'webhook.paused', 'quota.media',
                 'usage.near_limit', 'usage.limit_reached'];
UPDATE event_listeners SET events = notice_event_types() WHERE is_for_people;

-- migrate:down
CREATE OR REPLACE FUNCTION notice_event_types() RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY['content.pending', 'content.reminder', 'content.changes_requested', 'content.approved',
                 'content.rejected', 'content.commented', 'content.mentioned', 'post.failed', 'post.outcome_unknown',
                 'social_account.needs_reauth', 'social_account.token_expiring', 'webhook.paused', 'quota.media'];
UPDATE event_listeners SET events = notice_event_types() WHERE is_for_people;
CREATE OR REPLACE FUNCTION count_asset() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
    is_promised  boolean := EXISTS (SELECT FROM content_containers
                                     WHERE id = coalesce(NEW.container_id, OLD.container_id) AND status = 'queued');
    change       bigint := CASE WHEN NEW.removed_at IS NULL
                           THEN coalesce(NEW.size_bytes, CASE WHEN is_promised THEN NEW.declared_size_bytes END, 0)
                           ELSE 0 END
                         - CASE WHEN OLD.removed_at IS NULL
                           THEN coalesce(OLD.size_bytes, CASE WHEN is_promised THEN OLD.declared_size_bytes END, 0)
                           ELSE 0 END;
BEGIN
    IF change <> 0 THEN
        INSERT INTO media_usage AS u (organization_id, size_bytes) VALUES (organization, change)
        ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION count_rendition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint := coalesce(NEW.size_bytes, 0) - coalesce(OLD.size_bytes, 0);
BEGIN
    IF change <> 0 THEN
        INSERT INTO media_usage AS u (organization_id, size_bytes)
        VALUES (coalesce(NEW.organization_id, OLD.organization_id), change)
        ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION count_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO media_usage AS u (organization_id, size_bytes)
    SELECT a.organization_id,
           sum(CASE n.status WHEN 'queued' THEN a.declared_size_bytes ELSE -a.declared_size_bytes END)
      FROM old_containers o JOIN new_containers n ON n.id = o.id AND (n.status = 'queued') <> (o.status = 'queued')
      JOIN media_assets a ON a.container_id = n.id AND a.size_bytes IS NULL AND a.declared_size_bytes IS NOT NULL
     GROUP BY a.organization_id ORDER BY a.organization_id
    ON CONFLICT (organization_id) DO UPDATE SET size_bytes = u.size_bytes + excluded.size_bytes;
    RETURN NULL;
END $$;
DROP TRIGGER note_media ON media_usage;
DROP TRIGGER count_text ON text_messages;
DROP TRIGGER limit_key ON api_keys;
DROP TRIGGER count_user ON users;
DROP TRIGGER count_account ON social_accounts;
DROP TRIGGER limit_restored_project ON projects;
DROP TRIGGER limit_new_project ON projects;
DROP TRIGGER limit_posts ON scheduled_posts;
DROP TRIGGER count_ended_post ON scheduled_posts;
DROP FUNCTION note_media(), count_text(), limit_key(), count_user(), count_account(), limit_project(), limit_posts(),
              count_ended_post();
DROP FUNCTION require_limit(uuid, text, text, bigint, bigint, bigint, timestamptz);
DROP FUNCTION note_limit(uuid, text, text, bigint, bigint, timestamptz);
DROP FUNCTION share_limits(uuid), add_usage(uuid, text, date, uuid, text, text, bigint), utc_month(timestamptz),
              utc_day(timestamptz);
DROP TABLE limit_crossings, post_months, organization_limits, usage_entries;
