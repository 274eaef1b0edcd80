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
    amount     bigint NOT NULL CHECK (amount >= 0),
    is_settled boolean NOT NULL
);

-- The sums of these: all, and what is settled.
CREATE TABLE project_spending (
    project_id uuid NOT NULL REFERENCES projects,
    platform   text NOT NULL,
    month      date NOT NULL,
    amount     bigint NOT NULL,
    settled    bigint NOT NULL,
    PRIMARY KEY (project_id, platform, month)
) WITH (fillfactor = 50);

-- Takes back the cost of a post, and returns it.
CREATE FUNCTION take_back_cost(post uuid) RETURNS post_costs LANGUAGE plpgsql AS $$
DECLARE
    known post_costs%ROWTYPE;
BEGIN
    DELETE FROM post_costs c WHERE c.post_id = post RETURNING * INTO known;
    UPDATE project_spending s
       SET amount = s.amount - known.amount, settled = s.settled - CASE WHEN known.is_settled THEN known.amount ELSE 0 END
     WHERE s.project_id = known.project_id AND s.platform = known.platform AND s.month = known.month;
    RETURN known;
END $$;

-- Holds, or settles, the cost of a post instead of what was held for it before. Raises an error (db/errors.py) where the
-- budget has no room for it: for a post to be created, beside all others; for one to be made live, beside those that are.
-- The row of the sums is locked until the transaction ends: of calls that arrive together, each counts those before it.
CREATE FUNCTION hold_cost(post uuid, project uuid, platform_name text, in_month date, cost bigint, settles boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    sums    project_spending%ROWTYPE;
    used    bigint;
    maximum bigint := (SELECT (budgets ->> platform_name)::bigint FROM projects WHERE id = project);
BEGIN
    PERFORM take_back_cost(post);
    INSERT INTO project_spending AS s (project_id, platform, month, amount, settled)
    VALUES (project, platform_name, in_month, cost, CASE WHEN settles THEN cost ELSE 0 END)
    ON CONFLICT (project_id, platform, month) DO UPDATE
       SET amount = s.amount + excluded.amount, settled = s.settled + excluded.settled
    RETURNING s.* INTO sums;
    used := CASE WHEN settles THEN sums.settled ELSE sums.amount END - cost;
    IF cost > 0 AND used + cost > maximum THEN
        RAISE EXCEPTION 'the budget of a project for % is used up', platform_name USING ERRCODE = 'PW002', DETAIL =
            json_build_object('post', post, 'platform', platform_name, 'cost', cost, 'budget', maximum,
                              'spent', used)::text;
    END IF;
    INSERT INTO post_costs VALUES (post, project, platform_name, in_month, cost, settles);
END $$;

-- A post that ends without being live costs nothing. One whose outcome is unknown counts as spent.
CREATE FUNCTION release_cost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM take_back_cost(NEW.id);
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
DROP FUNCTION take_back_cost;
DROP TABLE project_spending;
DROP TABLE post_costs;
ALTER TABLE projects DROP COLUMN budgets;
