-- migrate:up

-- What a client says about the customer of a project: its e-mail address, language, app and description. Presswork only
-- stores and returns these, so they are one document with the names of the API; null values are left out.
ALTER TABLE projects ADD COLUMN profile jsonb NOT NULL DEFAULT '{}';
