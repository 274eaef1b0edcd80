-- migrate:up

-- A login without a return URL ends on a page of Presswork.
ALTER TABLE oauth_states ALTER COLUMN return_url DROP NOT NULL;
