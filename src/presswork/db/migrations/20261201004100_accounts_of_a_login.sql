-- migrate:up

-- The accounts that one login has connected besides `social_account_id`: the person may choose several.
ALTER TABLE oauth_states ADD COLUMN further_account_ids uuid[];
