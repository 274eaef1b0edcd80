-- name: key()
-- The columns of a key without its secret.
id, organization_id, environment, lookup, name, scopes, tier, return_domains, operator_id, created_at, last_used_at,
       killed_at, killed_by, revoked_at
