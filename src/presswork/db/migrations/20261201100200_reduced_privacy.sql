-- migrate:up

ALTER TABLE social_accounts ADD COLUMN reduced_privacy text;

COMMENT ON COLUMN social_accounts.reduced_privacy IS
    'The privacy level of posts that request none, where the platform last offered the account no public one.';
