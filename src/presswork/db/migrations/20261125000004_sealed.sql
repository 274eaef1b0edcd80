-- migrate:up

-- Which secret keys this installation has sealed and signed with, by their ids, which are fingerprints: never a key. The one
-- that has not been followed by another leads.
CREATE TABLE secret_keys (
    id         text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    led_from   timestamptz NOT NULL,
    led_until  timestamptz,
    retired_at timestamptz,
    CHECK (led_until >= led_from),
    CHECK (retired_at IS NULL OR led_until IS NOT NULL)
);
CREATE UNIQUE INDEX secret_keys_one_leads ON secret_keys ((true)) WHERE led_until IS NULL;

-- Which process has which keys, and which one it seals with now: a key leads only once all have it.
CREATE TABLE key_holders (
    process text PRIMARY KEY,
    part    text NOT NULL,
    key_ids text[] NOT NULL,
    leads   text NOT NULL,
    seen_at timestamptz NOT NULL
);

-- Tokens count up when they become others, and not when the same ones are sealed with another key: a refresh that is under
-- way must find them as it left them. What is sealed begins with the id of its key, so that it can be found by it.
ALTER TABLE social_accounts ADD COLUMN tokens_version integer NOT NULL DEFAULT 0;
CREATE INDEX social_accounts_by_seal ON social_accounts (substring(sealed_tokens FROM 1 FOR 20)) WHERE sealed_tokens IS NOT NULL;
