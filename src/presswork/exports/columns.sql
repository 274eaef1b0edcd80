-- name: export(e)
-- The columns of an export, for statements that select from rows named `e`.
{e}.id, {e}.project_id, {e}.has_media, {e}.status, {e}.total, {e}.done, {e}.size_bytes, {e}.error, {e}.created_at,
       {e}.ended_at, {e}.expires_at

-- name: instant(at)
-- An instant as the API writes it.
to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
