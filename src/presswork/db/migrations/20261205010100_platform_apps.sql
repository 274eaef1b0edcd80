-- migrate:up

-- Apps at platforms that customers registered themselves. `login` is the first login of the app, under which the
-- installation's own credentials are stored too. Deleting one is refused while an account holds it (apps/queries.sql).
CREATE TABLE platform_apps (
    id                 uuid PRIMARY KEY,
    organization_id    uuid NOT NULL REFERENCES organizations,
    environment        text NOT NULL CHECK (environment IN ('live', 'test')),
    login              text NOT NULL,
    name               text NOT NULL,
    sealed_credentials bytea NOT NULL,
    client_id_hint     text NOT NULL,
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL
);
COMMENT ON COLUMN platform_apps.version IS '+1 with each change: processes that have opened the app compare it.';
CREATE INDEX platform_apps_by_tenant ON platform_apps (organization_id, environment, created_at, id);

-- Where logins use an app: in a project, or with NULL in every project of the organization without one. An app without
-- a place serves only the accounts that hold it. The keys refuse a second app for one place.
CREATE TABLE platform_app_places (
    app_id          uuid NOT NULL REFERENCES platform_apps ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    environment     text NOT NULL,
    login           text NOT NULL,
    project_id      uuid REFERENCES projects ON DELETE CASCADE
);
CREATE UNIQUE INDEX platform_app_places_of_project ON platform_app_places (project_id, login)
 WHERE project_id IS NOT NULL;
CREATE UNIQUE INDEX platform_app_places_of_organization
    ON platform_app_places (organization_id, environment, login) WHERE project_id IS NULL;
CREATE INDEX platform_app_places_by_app ON platform_app_places (app_id);

-- The app that issued an account's tokens, and the one with which a login began. NULL: the installation's.
ALTER TABLE social_accounts
    ADD COLUMN app_id uuid,
    ADD CONSTRAINT social_accounts_app_id_fkey FOREIGN KEY (app_id) REFERENCES platform_apps ON DELETE SET NULL
        NOT VALID;
CREATE INDEX social_accounts_by_app ON social_accounts (app_id, status, created_at, id) WHERE app_id IS NOT NULL;
ALTER TABLE oauth_states ADD COLUMN app_id uuid;

-- migrate:down
ALTER TABLE oauth_states DROP COLUMN app_id;
DROP INDEX social_accounts_by_app;
ALTER TABLE social_accounts DROP COLUMN app_id;
DROP TABLE platform_app_places;
DROP TABLE platform_apps;
