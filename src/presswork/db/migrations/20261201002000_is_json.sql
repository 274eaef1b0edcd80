-- migrate:up

-- Documents are stored as text, so that each reads back byte for byte. This says whether one can still be parsed: a cast
-- of a damaged one would fail the whole statement, and with it every other row. STRICT: NULL for NULL.
CREATE FUNCTION is_json(document text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    PERFORM document::json;
    RETURN true;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN false;
END $$;
