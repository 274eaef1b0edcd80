-- name: lock_organization(organization)
-- Who is primary is decided one at a time.
SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: has_primary(organization)
SELECT EXISTS (SELECT FROM operators WHERE organization_id = $1 AND is_primary);

-- name: unset_primary(organization)
UPDATE operators SET is_primary = false WHERE organization_id = $1 AND is_primary;

-- name: insert_operator(id, organization, name, phone, verified_at, verified_in, is_primary, now)
INSERT INTO operators (id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at;

-- name: find_operator(id, organization)
SELECT id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at
  FROM operators WHERE id = $1 AND organization_id = $2;

-- name: organization_of(operator)
SELECT organization_id FROM operators WHERE id = $1;

-- name: operator_of_key(key, organization)
-- The key's own operator; of a key that has none, the organization's primary one.
SELECT o.id, o.organization_id, o.name, o.phone, o.phone_verified_at, o.phone_verified_in, o.is_primary, o.created_at
  FROM api_keys k JOIN operators o ON o.organization_id = k.organization_id
   AND (o.id = k.operator_id OR (k.operator_id IS NULL AND o.is_primary))
 WHERE k.id = $1 AND k.organization_id = $2 ORDER BY o.id LIMIT 1;

-- name: list_operators(organization, after_at, after_id, limit)
SELECT id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at
  FROM operators WHERE organization_id = $1 AND (created_at, id) > ($2, $3)
 ORDER BY created_at, id LIMIT $4;

-- name: list_all_operators(organization_name, limit)
SELECT p.id, p.organization_id, p.name, p.phone, p.phone_verified_at, p.phone_verified_in, p.is_primary, p.created_at,
       o.name AS organization
  FROM operators p JOIN organizations o ON o.id = p.organization_id
 WHERE $1::text IS NULL OR o.name = $1
 ORDER BY p.created_at, p.id LIMIT $2;

-- name: set_primary(id)
UPDATE operators SET is_primary = true WHERE id = $1
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at;

-- name: rename(id, name)
UPDATE operators SET name = $2 WHERE id = $1
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at;

-- name: change_phone(id, phone)
-- Another phone is one that nobody has verified; a code that was sent to the former one is worth nothing.
UPDATE operators SET phone = $2, phone_verified_at = NULL, phone_verified_in = NULL, phone_code_hash = NULL,
                     phone_code_environment = NULL, phone_code_sent_at = NULL, phone_code_expires_at = NULL,
                     phone_code_attempts = 0
 WHERE id = $1
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at;

-- name: keep_code(id, organization, phone, code_hash, now, expires_at, sent_before, environment)
UPDATE operators SET phone_code_hash = $4, phone_code_environment = $8, phone_code_sent_at = $5,
       phone_code_expires_at = $6,
                     phone_code_attempts = 0
 WHERE id = $1 AND organization_id = $2 AND phone = $3 AND (phone_code_sent_at IS NULL OR phone_code_sent_at <= $7)
RETURNING id;

-- name: code_sent_at(id)
SELECT phone_code_sent_at FROM operators WHERE id = $1;

-- name: drop_code(id, code_hash)
UPDATE operators SET phone_code_hash = NULL, phone_code_environment = NULL, phone_code_sent_at = NULL,
                     phone_code_expires_at = NULL
 WHERE id = $1 AND phone_code_hash = $2;

-- name: count_attempt(id, organization, now, most, environment)
-- Counted and committed before the code is compared, so that no call gets a try for nothing. A caller of one
-- environment can neither confirm nor use up the other's code; without an environment, any code will do.
UPDATE operators SET phone_code_attempts = phone_code_attempts + 1
 WHERE id = $1 AND organization_id = $2 AND phone_code_hash IS NOT NULL AND phone_code_expires_at > $3
   AND phone_code_attempts < $4 AND ($5::text IS NULL OR phone_code_environment = $5::text)
RETURNING phone, phone_code_hash, phone_code_environment, phone_code_attempts;

-- name: verify_phone(id, code_hash, now, environment)
-- What was verified in `live` stays so.
UPDATE operators SET phone_verified_at = $3, phone_verified_in = CASE phone_verified_in WHEN 'live' THEN 'live'
       ELSE $4::text END,
                     phone_code_hash = NULL, phone_code_environment = NULL, phone_code_expires_at = NULL,
                     phone_code_attempts = 0
 WHERE id = $1 AND phone_code_hash = $2 AND phone_code_environment = $4
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at;
