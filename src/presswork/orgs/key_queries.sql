-- name: insert_key(id, org, environment, lookup, secret_hash, name, scopes, tier, return_domains, operator, now)
INSERT INTO api_keys (id, organization_id, environment, lookup, secret_hash, name, scopes, tier, return_domains,
                      operator_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING
-- include: presswork.orgs lists.sql key()
;

-- name: find_key(id, organization, environment)
SELECT
-- include: presswork.orgs lists.sql key()
  FROM api_keys WHERE id = $1 AND organization_id = $2 AND environment = $3;

-- name: list_keys(organization, environment, after_at, after_id, limit)
SELECT
-- include: presswork.orgs lists.sql key()
  FROM api_keys WHERE organization_id = $1 AND environment = $2 AND (created_at, id) > ($3, $4)
 ORDER BY created_at, id LIMIT $5;

-- name: lock_key(id, organization, environment)
SELECT
-- include: presswork.orgs lists.sql key()
  FROM api_keys WHERE id = $1 AND organization_id = $2 AND environment = $3 FOR NO KEY UPDATE;

-- name: lock_any_key(id, lookup)
-- Of any organization, for the command line.
SELECT
-- include: presswork.orgs lists.sql key()
  FROM api_keys WHERE id = $1 OR lookup = $2 ORDER BY id LIMIT 1 FOR NO KEY UPDATE;

-- name: write_key(id, name, tier, return_domains, operator, killed_at, killed_by, revoked_at)
UPDATE api_keys SET name = $2, tier = $3, return_domains = $4, operator_id = $5, killed_at = $6, killed_by = $7,
       revoked_at = $8
 WHERE id = $1;

-- name: operator_in_organization(operator, organization)
SELECT id FROM operators WHERE id = $1 AND organization_id = $2;
