-- migrate:up

-- The secret keys with which this installation has encrypted and signed, by fingerprint; never the keys. The one without
-- successor is the primary key.
CREATE TABLE secret_keys (
    id         text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    led_from   timestamptz NOT NULL,
    led_until  timestamptz,
    retired_at timestamptz,
    CHECK (led_until >= led_from),
    CHECK (retired_at IS NULL OR led_until IS NOT NULL)
);
CREATE UNIQUE INDEX secret_keys_one_leads ON secret_keys ((true)) WHERE led_until IS NULL;

-- Which process has which keys, and with which one it encrypts: a key becomes primary once all processes have it.
CREATE TABLE key_holders (
    process text PRIMARY KEY,
    part    text NOT NULL,
    key_ids text[] NOT NULL,
    leads   text NOT NULL,
    seen_at timestamptz NOT NULL
);

-- The version of the tokens changes with the tokens, but not when they are re-encrypted, which must not interfere with a
-- refresh in progress. Ciphertexts start with the id of their key, so that they can be found by it.
ALTER TABLE social_accounts ADD COLUMN tokens_version integer NOT NULL DEFAULT 0;
CREATE INDEX social_accounts_by_seal ON social_accounts (substring(sealed_tokens FROM 1 FOR 20)) WHERE sealed_tokens IS NOT NULL;
