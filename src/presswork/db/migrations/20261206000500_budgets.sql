-- migrate:up

-- The most that a project may spend in a month (UTC) on platforms that charge for posts, by platform, in millionths of
-- the currency.
ALTER TABLE projects ADD COLUMN budgets jsonb;

-- What a post costs that may still go live, or did: held when it is created, settled before its call.
CREATE TABLE post_costs (
    post_id    uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    platform   text NOT NULL,
    month      date NOT NULL,
    amount     bigint NOT NULL CHECK (amount >= 0)
);

-- The sums of these.
CREATE TABLE project_spending (
    project_id uuid NOT NULL REFERENCES projects,
    platform   text NOT NULL,
    month      date NOT NULL,
    amount     bigint NOT NULL,
    PRIMARY KEY (project_id, platform, month)
) WITH (fillfactor = 50);

-- Holds the cost of a post instead of what was held for it before. Raises an error (db/errors.py) where the budget has
-- no room for more. The row of the sum is locked until the transaction ends: of calls that arrive together, each counts
-- those before it.
CREATE FUNCTION hold_cost(post uuid, project uuid, platform_name text, in_month date, cost bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    known   post_costs%ROWTYPE;
    added   bigint := cost;
    total   bigint;
    maximum bigint := (SELECT (budgets ->> platform_name)::bigint FROM projects WHERE id = project);
BEGIN
    SELECT * INTO known FROM post_costs c WHERE c.post_id = post FOR UPDATE;
    IF known.month = in_month THEN
        added := cost - known.amount;
    ELSIF known.post_id IS NOT NULL THEN
        UPDATE project_spending s SET amount = s.amount - known.amount
         WHERE s.project_id = project AND s.platform = platform_name AND s.month = known.month;
    END IF;
    IF added = 0 AND known.month = in_month THEN
        RETURN;
    END IF;
    INSERT INTO project_spending AS s (project_id, platform, month, amount)
    VALUES (project, platform_name, in_month, added)
    ON CONFLICT (project_id, platform, month) DO UPDATE SET amount = s.amount + excluded.amount
    RETURNING s.amount INTO total;
    IF added > 0 AND total > maximum THEN
        RAISE EXCEPTION 'the budget of a project for % is used up', platform_name USING ERRCODE = 'PW002', DETAIL =
            json_build_object('post', post, 'platform', platform_name, 'cost', cost, 'budget', maximum,
                              'spent', total - added)::text;
    END IF;
    INSERT INTO post_costs (post_id, project_id, platform, month, amount)
    VALUES (post, project, platform_name, in_month, cost)
    ON CONFLICT (post_id) DO UPDATE SET month = excluded.month, amount = excluded.amount;
END $$;

-- A post that ends without being live costs nothing. One whose outcome is unknown counts as spent.
CREATE FUNCTION release_cost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH released AS (
        DELETE FROM post_costs WHERE post_id = NEW.id RETURNING project_id, platform, month, amount
    )
    UPDATE project_spending s SET amount = s.amount - r.amount
      FROM released r WHERE s.project_id = r.project_id AND s.platform = r.platform AND s.month = r.month;
    RETURN NULL;
END $$;
CREATE TRIGGER release_cost AFTER UPDATE OF status ON scheduled_posts FOR EACH ROW
    WHEN (OLD.status IN ('queued', 'publishing') AND NEW.status IN ('failed', 'canceled')
          AND strpos(coalesce(NEW.last_error, ''), '"OUTCOME_UNKNOWN"') = 0)
    EXECUTE FUNCTION release_cost();

-- migrate:down

DROP TRIGGER release_cost ON scheduled_posts;
DROP FUNCTION release_cost;
DROP FUNCTION hold_cost;
DROP TABLE project_spending;
DROP TABLE post_costs;
ALTER TABLE projects DROP COLUMN budgets;
