-- name: erasure(e)
-- The columns of an erasure, for statements that select from rows named `e`.
{e}.id, {e}.project_id, {e}.project_name, {e}.requested_by, {e}.status, {e}.total, {e}.done, {e}.counts, {e}.error,
       {e}.created_at, {e}.ended_at
