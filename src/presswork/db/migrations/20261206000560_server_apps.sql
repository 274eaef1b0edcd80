-- migrate:up

-- The app that this installation has registered at each server of a platform that has many, with what was registered.
-- `used_at`: when a login ended well with it; servers may forget an app that was never used.
CREATE TABLE server_apps (
    environment        text NOT NULL CHECK (environment IN ('live', 'test')),
    login              text NOT NULL,
    host               text NOT NULL,
    redirect_uri       text NOT NULL,
    scopes             text[] NOT NULL,
    sealed_credentials bytea NOT NULL,
    created_at         timestamptz NOT NULL,
    used_at            timestamptz,
    PRIMARY KEY (environment, login, host, redirect_uri)
);

-- migrate:down

DROP TABLE server_apps;
