-- migrate:up

-- When a worker asks the platform whether access to the account still exists. While a worker does, when to ask again.
ALTER TABLE social_accounts ADD COLUMN access_check_at timestamptz;
CREATE INDEX social_accounts_access_check ON social_accounts (access_check_at) WHERE access_check_at IS NOT NULL;
