-- migrate:up

-- Keys that a process can decrypt with are recorded before one of them becomes the primary, so they have no period yet.
-- Processes no longer report their keys: the order of the keys in the settings, or in the key file, decides.
ALTER TABLE secret_keys ALTER COLUMN led_from DROP NOT NULL;
DROP INDEX secret_keys_one_leads;
CREATE UNIQUE INDEX secret_keys_one_primary ON secret_keys ((true)) WHERE led_from IS NOT NULL AND led_until IS NULL;
DROP TABLE key_holders;
