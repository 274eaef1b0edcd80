-- migrate:up
-- Search by the beginnings of words. Letters and digits make words, so that a handle or a URL has several. The tenant is a
-- word as well, since an index of words has no other column; no text contains it, for its sign.
CREATE FUNCTION words_of(content text, organization uuid, environment text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, regexp_replace(content, '[^[:alnum:]]+', ' ', 'g'))
           || array_to_tsvector(ARRAY['@' || organization || environment]);

CREATE INDEX content_containers_by_words ON content_containers
    USING gin (words_of(caption, organization_id, environment));
CREATE INDEX social_accounts_by_words ON social_accounts
    USING gin (words_of(handle || ' ' || coalesce(display_name, ''), organization_id, environment));
CREATE INDEX projects_by_words ON projects USING gin (words_of(name, organization_id, environment));

-- migrate:down
DROP INDEX projects_by_words;
DROP INDEX social_accounts_by_words;
DROP INDEX content_containers_by_words;
DROP FUNCTION words_of;
