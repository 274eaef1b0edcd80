-- migrate:up

-- When a redirect claimed the login. If the process dies meanwhile, the login counts as failed soon after; without it, as
-- in a row of an earlier version, soon after it would have expired.
ALTER TABLE oauth_states ADD COLUMN claimed_at timestamptz;
