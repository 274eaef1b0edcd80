-- migrate:up

-- A login that the holder of a connect link began, and the accounts that such logins connected.
ALTER TABLE oauth_states ADD COLUMN connect_link_id uuid, ADD COLUMN sealed_page bytea;
COMMENT ON COLUMN oauth_states.connect_link_id IS 'The connect link through which the login began; NULL: none.';
COMMENT ON COLUMN oauth_states.sealed_page IS 'The token of that link and the language of its page, encrypted.';

ALTER TABLE social_accounts ADD COLUMN connect_link_id uuid;
COMMENT ON COLUMN social_accounts.connect_link_id IS
    'The connect link through which the account was last connected; NULL: it was connected otherwise.';
