-- migrate:up
-- An account whose token was refused, or that is not connected, is read again as soon as it has other tokens.
ALTER TABLE account_reads ADD COLUMN waits_for_token boolean NOT NULL DEFAULT false;

CREATE FUNCTION read_with_new_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account_reads SET run_at = least(run_at, NEW.updated_at), not_before = '-infinity', waits_for_token = false
     WHERE social_account_id = NEW.id AND waits_for_token AND leased_by IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER social_accounts_new_tokens AFTER UPDATE OF tokens_version ON social_accounts
    FOR EACH ROW WHEN (NEW.tokens_version IS DISTINCT FROM OLD.tokens_version) EXECUTE FUNCTION read_with_new_tokens();

-- migrate:down
DROP TRIGGER social_accounts_new_tokens ON social_accounts;
DROP FUNCTION read_with_new_tokens();
ALTER TABLE account_reads DROP COLUMN waits_for_token;
