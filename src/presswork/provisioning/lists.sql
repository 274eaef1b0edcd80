-- name: person()
-- The columns of the user `u`, with what the provider calls it (`s`).
u.id, u.organization_id, u.email, u.name, u.role, u.role_source, u.project_ids, u.created_at, u.accepted_at,
       u.disabled_at, u.last_seen_at, coalesce(s.user_name, u.email) AS user_name, s.external_id, s.profile,
       coalesce(s.updated_at, u.created_at) AS updated_at

-- name: people()
-- A user that the provider deleted is hidden from it, unless an administrator enabled it again.
users u LEFT JOIN scim_users s ON s.user_id = u.id

-- name: is_shown()
(s.deleted_at IS NULL OR u.disabled_at IS NULL)

-- name: group()
g.id, g.name, g.external_id, g.created_at, g.updated_at
