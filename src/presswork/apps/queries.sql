-- name: stored_apps()
SELECT login, sealed_credentials, client_id_hint, updated_at FROM platform_credentials ORDER BY login LIMIT 100;

-- name: store_app(login, sealed, hint, now)
INSERT INTO platform_credentials (login, sealed_credentials, client_id_hint, updated_at)
VALUES ($1, $2, $3, coalesce($4, now()))
ON CONFLICT (login) DO UPDATE SET sealed_credentials = excluded.sealed_credentials,
    client_id_hint = excluded.client_id_hint, updated_at = excluded.updated_at;

-- name: remove_app(login)
DELETE FROM platform_credentials WHERE login = $1 RETURNING login;

-- name: stored_setting(name)
SELECT value, updated_at FROM stored_settings WHERE name = $1;

-- name: store_setting(name, value, now)
INSERT INTO stored_settings (name, value, updated_at) VALUES ($1, $2, coalesce($3, now()))
ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at;

-- name: remove_setting(name)
DELETE FROM stored_settings WHERE name = $1 RETURNING name;

-- name: lock_organization(organization)
-- Lets creations take turns, so that they can't exceed the limit together.
SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: insert_app(id, organization, environment, login, name, sealed, hint, now, most)
-- No row if the organization has as many as it may have.
INSERT INTO platform_apps (id, organization_id, environment, login, name, sealed_credentials, client_id_hint,
                           created_at, updated_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8::timestamptz, $8::timestamptz
 WHERE (SELECT count(*)
          FROM (SELECT FROM platform_apps WHERE organization_id = $2 AND environment = $3 LIMIT $9) a) < $9
RETURNING id;

-- name: take_organization(app)
-- No row if another app has the place. A call at the same time waits here for the first one.
INSERT INTO platform_app_places (app_id, organization_id, environment, login)
SELECT id, organization_id, environment, login FROM platform_apps WHERE id = $1
ON CONFLICT DO NOTHING RETURNING app_id;

-- name: take_projects(app, projects)
-- In one order, so that two calls don't deadlock. A project is missing in the result if another app has the place, or
-- if it is of another tenant.
INSERT INTO platform_app_places (app_id, organization_id, environment, login, project_id)
SELECT a.id, a.organization_id, a.environment, a.login, p.id
  FROM platform_apps a JOIN projects p ON p.organization_id = a.organization_id AND p.environment = a.environment
 WHERE a.id = $1 AND p.id = ANY($2::uuid[]) ORDER BY p.id
ON CONFLICT DO NOTHING RETURNING project_id;

-- name: leave_places(app)
DELETE FROM platform_app_places WHERE app_id = $1;

-- name: known_projects(organization, environment, projects)
SELECT id FROM projects WHERE id = ANY($3::uuid[]) AND organization_id = $1 AND environment = $2
 ORDER BY id LIMIT cardinality($3::uuid[]);

-- name: place_holder(app, project)
-- Which app has the place of this app's platform; without a project, that of the organization.
SELECT app_id
  FROM (SELECT p.app_id FROM platform_apps a
          JOIN platform_app_places p ON p.project_id = $2::uuid AND p.login = a.login
         WHERE a.id = $1
         UNION ALL
        SELECT p.app_id FROM platform_apps a
          JOIN platform_app_places p ON p.organization_id = a.organization_id AND p.environment = a.environment
           AND p.login = a.login AND p.project_id IS NULL
         WHERE a.id = $1 AND $2::uuid IS NULL) f
 ORDER BY app_id LIMIT 1;

-- name: list_apps(organization, environment, after_at, after_id, limit)
-- include: presswork.apps columns.sql app()
 WHERE a.organization_id = $1 AND a.environment = $2 AND (a.created_at, a.id) > ($3, $4)
 ORDER BY a.created_at, a.id LIMIT $5;

-- name: find_app(id, organization, environment)
-- include: presswork.apps columns.sql app()
 WHERE a.id = $1 AND a.organization_id = $2 AND a.environment = $3;

-- name: lock_app(id, organization, environment)
-- A login that stores an account of the app waits for the lock, by the foreign key of the account.
SELECT sealed_credentials FROM platform_apps
 WHERE id = $1 AND organization_id = $2 AND environment = $3 FOR UPDATE;

-- name: count_accounts(app)
SELECT count(*) FROM social_accounts WHERE app_id = $1 AND status IN ('connected', 'reauth_required');

-- name: change_app(id, name, sealed, hint, now)
UPDATE platform_apps
   SET name = coalesce($2, name), sealed_credentials = coalesce($3, sealed_credentials),
       client_id_hint = coalesce($4, client_id_hint), updated_at = $5, version = version + 1,
       check_result = CASE WHEN $3 IS NULL THEN check_result END,
       check_message = CASE WHEN $3 IS NULL THEN check_message END,
       checked_at = CASE WHEN $3 IS NULL THEN checked_at END
 WHERE id = $1;

-- name: record_check(id, result, message, now, asked)
-- Not if the credentials were changed since they were `asked` about, or a later answer is stored.
UPDATE platform_apps SET check_result = $2, check_message = $3, checked_at = $4
 WHERE id = $1 AND updated_at = $5 AND (checked_at IS NULL OR checked_at <= $4);

-- name: delete_app(id)
DELETE FROM platform_apps WHERE id = $1;

-- name: apps_of_project(project, organization, environment)
-- Which app each login uses there. The project's own comes before the organization's.
SELECT DISTINCT ON (login) login, app_id
  FROM (SELECT login, app_id, 0 AS place FROM platform_app_places
         WHERE project_id = $1 AND organization_id = $2 AND environment = $3
        UNION ALL
        SELECT login, app_id, 1 FROM platform_app_places
         WHERE organization_id = $2 AND environment = $3 AND project_id IS NULL) p
 ORDER BY login, place LIMIT 100;

-- name: app_place(id)
SELECT id, login, environment FROM platform_apps WHERE id = $1;

-- name: apps_to_check(limit, app, logins, owners)
-- Apps of any organization: this one, or those that chance chooses, so that each is checked some time. With the
-- accounts whose access has ended, and those that move to the app. `owners` has the first login of each login's app.
WITH chosen AS MATERIALIZED (
    SELECT id, organization_id, environment, login, name, sealed_credentials FROM platform_apps
     WHERE $2::uuid IS NULL OR id = $2 ORDER BY random() LIMIT $1
), due AS (
    SELECT used.app_id, count(*) AS accounts
      FROM (SELECT DISTINCT organization_id, environment FROM chosen) o
      JOIN social_accounts a ON a.organization_id = o.organization_id AND a.environment = o.environment
      JOIN unnest($3::text[], $4::text[]) AS l(login, owner) ON l.login = a.login
-- include: presswork.apps columns.sql used_app(a, l.owner)
     WHERE a.status IN ('connected', 'reauth_required') AND used.app_id IS DISTINCT FROM a.app_id
       AND EXISTS (SELECT FROM projects p WHERE p.id = a.project_id AND p.status = 'active')
     GROUP BY used.app_id
)
SELECT c.id, c.environment, c.login, c.name, c.sealed_credentials, coalesce(d.accounts, 0) AS due_accounts,
       (SELECT count(*) FROM social_accounts s WHERE s.app_id = c.id AND s.status = 'reauth_required')
           AS lapsed_accounts,
       (SELECT count(*) FROM platform_apps) AS total
  FROM chosen c LEFT JOIN due d ON d.app_id = c.id
 ORDER BY c.id LIMIT $1;

-- name: open_app(id)
SELECT id, name, sealed_credentials, version FROM platform_apps WHERE id = $1;

-- name: versions(apps)
SELECT id, version FROM platform_apps WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT cardinality($1::uuid[]);
