-- migrate:up
-- When the tokens of an account were last refreshed: an operator sees that the access is kept alive.
ALTER TABLE social_accounts ADD COLUMN token_refreshed_at timestamptz;
COMMENT ON COLUMN social_accounts.token_refreshed_at IS 'NULL: not since the account was connected, or before this column.';
