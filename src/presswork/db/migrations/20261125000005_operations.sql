-- migrate:up

-- Accounts that have to be connected again, which operators are shown the number of: few at any time.
CREATE INDEX social_accounts_to_reauth ON social_accounts (id) WHERE status = 'reauth_required';
