-- name: has_primary(organization)
SELECT EXISTS (SELECT FROM operators WHERE organization_id = $1 AND is_primary);

-- name: has_live_primary(organization)
SELECT EXISTS (SELECT FROM operators WHERE organization_id = $1 AND is_primary AND phone_verified_in = 'live');

-- name: unset_primary(organization)
UPDATE operators SET is_primary = false WHERE organization_id = $1 AND is_primary;

-- name: insert_operator(id, organization, name, phone, verified_at, verified_in, is_primary, now, environment)
INSERT INTO operators (id, organization_id, name, phone, phone_verified_at, phone_verified_in, is_primary, created_at,
                       phone_set_in)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
          test_phone, test_phone_verified_at, is_primary, created_at;

-- name: find_operator(id, organization)
SELECT id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
       test_phone, test_phone_verified_at, is_primary, created_at
  FROM operators WHERE id = $1 AND organization_id = $2;

-- name: organization_of(operator)
SELECT organization_id FROM operators WHERE id = $1;

-- name: operator_of_caller(caller, organization)
-- The key's operator, or the organization's primary one: of a key without operator, and of a user.
SELECT o.id, o.organization_id, o.name, o.phone, o.phone_verified_at, o.phone_verified_in, o.phone_set_in,
       o.has_test_phone, o.test_phone, o.test_phone_verified_at, o.is_primary, o.created_at
  FROM operators o
 WHERE o.organization_id = $2
   AND o.id = coalesce((SELECT k.operator_id FROM api_keys k WHERE k.id = $1 AND k.organization_id = $2),
                       (SELECT p.id FROM operators p WHERE p.organization_id = $2 AND p.is_primary));

-- name: list_operators(organization, after_at, after_id, limit)
SELECT id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
       test_phone, test_phone_verified_at, is_primary, created_at
  FROM operators WHERE organization_id = $1 AND (created_at, id) > ($2, $3)
 ORDER BY created_at, id LIMIT $4;

-- name: list_all_operators(organization_name, limit)
SELECT p.id, p.organization_id, p.name, p.phone, p.phone_verified_at, p.phone_verified_in, p.phone_set_in,
       p.has_test_phone, p.test_phone, p.test_phone_verified_at, p.is_primary, p.created_at, o.name AS organization
  FROM operators p JOIN organizations o ON o.id = p.organization_id
 WHERE $1::text IS NULL OR o.name = $1
 ORDER BY p.created_at, p.id LIMIT $2;

-- name: set_primary(id)
UPDATE operators SET is_primary = true WHERE id = $1
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
          test_phone, test_phone_verified_at, is_primary, created_at;

-- name: rename(id, name)
UPDATE operators SET name = $2 WHERE id = $1
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
          test_phone, test_phone_verified_at, is_primary, created_at;

-- name: change_phone(id, phone, environment)
-- A new phone is not verified, and a code that was sent to the former one becomes invalid.
UPDATE operators SET phone = $2, phone_set_in = $3, phone_verified_at = NULL, phone_verified_in = NULL,
                     phone_code_hash = NULL, phone_code_environment = NULL, phone_code_sent_at = NULL,
                     phone_code_expires_at = NULL, phone_code_attempts = 0
 WHERE id = $1
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
          test_phone, test_phone_verified_at, is_primary, created_at;

-- name: claim_phone(id)
UPDATE operators SET phone_set_in = 'live' WHERE id = $1
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
          test_phone, test_phone_verified_at, is_primary, created_at;

-- name: change_test_phone(id, phone, has_test_phone)
-- The phone for test projects only. Without one, they use the other phone.
UPDATE operators SET test_phone = $2, has_test_phone = $3, test_phone_verified_at = NULL WHERE id = $1
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
          test_phone, test_phone_verified_at, is_primary, created_at;

-- name: drop_test_code(id)
UPDATE operators SET phone_code_hash = NULL, phone_code_environment = NULL, phone_code_sent_at = NULL,
                     phone_code_expires_at = NULL, phone_code_attempts = 0
 WHERE id = $1 AND phone_code_environment = 'test';

-- name: keep_code(id, organization, phone, code_hash, now, expires_at, environment)
-- No row back: the phone has changed, or a test key would replace a code that a live key sent. A phone to which a live
-- key sends a code belongs to `live` from then on.
UPDATE operators SET phone_code_hash = $4, phone_code_environment = $7, phone_code_sent_at = $5,
                     phone_code_expires_at = $6, phone_code_attempts = 0,
                     phone_set_in = CASE WHEN $7::text = 'live' THEN 'live' ELSE phone_set_in END
 WHERE id = $1 AND organization_id = $2
   AND CASE WHEN $7::text = 'test' AND has_test_phone THEN test_phone ELSE phone END = $3
   AND ($7::text = 'live' OR phone_code_environment IS DISTINCT FROM 'live' OR phone_code_expires_at <= $5)
RETURNING id;

-- name: code_expires_at(id)
SELECT phone_code_expires_at FROM operators WHERE id = $1;

-- name: drop_code(id, code_hash)
UPDATE operators SET phone_code_hash = NULL, phone_code_environment = NULL, phone_code_sent_at = NULL,
                     phone_code_expires_at = NULL
 WHERE id = $1 AND phone_code_hash = $2;

-- name: pending_code(id, organization, now, environment)
-- Without an environment, a code of either.
SELECT CASE WHEN phone_code_environment = 'test' AND has_test_phone THEN test_phone ELSE phone END AS phone,
       phone_code_environment AS environment
  FROM operators
 WHERE id = $1 AND organization_id = $2 AND phone_code_hash IS NOT NULL AND phone_code_expires_at > $3
   AND ($4::text IS NULL OR phone_code_environment = $4::text);

-- name: count_attempt(id, organization, now, max_attempts, environment)
-- Counted and committed before the code is compared, so that every comparison counts. A caller of one environment can
-- neither confirm nor use up a code of the other.
UPDATE operators SET phone_code_attempts = phone_code_attempts + 1
 WHERE id = $1 AND organization_id = $2 AND phone_code_hash IS NOT NULL AND phone_code_expires_at > $3
   AND phone_code_attempts < $4 AND phone_code_environment = $5
RETURNING CASE WHEN phone_code_environment = 'test' AND has_test_phone THEN test_phone ELSE phone END AS phone,
          phone_code_hash, phone_code_environment, phone_code_attempts;

-- name: verify_phone(id, code_hash, now, environment)
-- A phone that is verified for `live` stays verified for it.
UPDATE operators
   SET test_phone_verified_at = CASE WHEN $4::text = 'test' AND has_test_phone THEN $3::timestamptz
                                     ELSE test_phone_verified_at END,
       phone_verified_at = CASE WHEN $4::text = 'test' AND has_test_phone THEN phone_verified_at
                                ELSE $3::timestamptz END,
       phone_verified_in = CASE WHEN $4::text = 'test' AND has_test_phone THEN phone_verified_in
                                WHEN phone_verified_in = 'live' THEN 'live' ELSE $4::text END,
       phone_code_hash = NULL, phone_code_environment = NULL, phone_code_expires_at = NULL, phone_code_attempts = 0
 WHERE id = $1 AND phone_code_hash = $2 AND phone_code_environment = $4::text
RETURNING id, organization_id, name, phone, phone_verified_at, phone_verified_in, phone_set_in, has_test_phone,
          test_phone, test_phone_verified_at, is_primary, created_at;
