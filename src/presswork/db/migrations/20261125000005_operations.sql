-- migrate:up

-- Accounts that must be connected again, for a metric: few at any time.
CREATE INDEX social_accounts_to_reauth ON social_accounts (id) WHERE status = 'reauth_required';
