-- name: find_factors(user)
-- What a user can prove, and what the organization demands.
SELECT u.id AS user_id, u.role, o.second_factor AS policy, t.confirmed_at AS totp_since,
       (SELECT count(*) FROM passkeys p WHERE p.user_id = u.id) AS passkeys,
       (SELECT count(*) FROM recovery_codes c WHERE c.user_id = u.id AND c.used_at IS NULL) AS recovery_codes,
       u.password_hash IS NOT NULL AS has_password, u.oidc_subject IS NOT NULL AS has_identity
  FROM users u JOIN organizations o ON o.id = u.organization_id LEFT JOIN totp_factors t ON t.user_id = u.id
 WHERE u.id = $1;

-- name: insert_pending(id, user, token_hash, method, next_step, return_path, expires_at)
INSERT INTO pending_sign_ins (id, user_id, token_hash, method, next_step, return_path, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: find_pending(token_hash, now)
SELECT p.id, p.user_id, p.method, p.next_step, p.return_path, u.organization_id
  FROM pending_sign_ins p JOIN users u ON u.id = p.user_id
 WHERE p.token_hash = $1 AND p.expires_at > $2 AND u.disabled_at IS NULL;

-- name: use_pending(id)
-- Of two concurrent calls, the second waits here and gets no row.
DELETE FROM pending_sign_ins WHERE id = $1 RETURNING id;

-- name: drop_pending_of_token(token_hash)
DELETE FROM pending_sign_ins WHERE token_hash = $1;

-- name: drop_pending(user)
DELETE FROM pending_sign_ins WHERE user_id = $1;

-- name: confirm_session(id, now)
UPDATE sessions SET confirmed_at = $2 WHERE id = $1 RETURNING id;

-- name: save_new_secret(user, sealed_secret, now)
INSERT INTO totp_factors (user_id, sealed_new_secret, new_secret_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET sealed_new_secret = $2, new_secret_at = $3;

-- name: find_new_secret(user, begun_after)
SELECT sealed_new_secret FROM totp_factors WHERE user_id = $1 AND new_secret_at > $2;

-- name: confirm_totp(user, sealed_secret, step, now)
-- Compare and swap. No row: another secret was made meanwhile, or a twin of this call was faster.
UPDATE totp_factors
   SET sealed_secret = sealed_new_secret, confirmed_at = $4, last_step = $3, sealed_new_secret = NULL,
       new_secret_at = NULL
 WHERE user_id = $1 AND sealed_new_secret = $2 RETURNING user_id;

-- name: find_secret(user)
SELECT sealed_secret FROM totp_factors WHERE user_id = $1 AND sealed_secret IS NOT NULL;

-- name: use_step(user, step)
-- Each code serves once, and none that is older than it: of concurrent calls, one gets the row.
UPDATE totp_factors SET last_step = $2
 WHERE user_id = $1 AND last_step < $2 AND sealed_secret IS NOT NULL RETURNING user_id;

-- name: drop_totp(user)
DELETE FROM totp_factors WHERE user_id = $1 RETURNING confirmed_at IS NOT NULL AS was_confirmed;

-- name: drop_recovery_codes(user)
DELETE FROM recovery_codes WHERE user_id = $1;

-- name: insert_recovery_codes(user, hashes)
INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[]);

-- name: use_recovery_code(user, code_hash, now)
UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL RETURNING user_id;

-- name: insert_challenge(challenge, purpose, user, expires_at)
INSERT INTO passkey_challenges (challenge, purpose, user_id, expires_at) VALUES ($1, $2, $3, $4);

-- name: use_challenge(challenge, purpose, user, now)
-- A challenge serves once, for the purpose and the person that it was made for.
DELETE FROM passkey_challenges
 WHERE challenge = $1 AND purpose = $2 AND user_id IS NOT DISTINCT FROM $3 AND expires_at > $4 RETURNING challenge;

-- name: list_passkeys(user, limit)
SELECT id, name, created_at, last_used_at, credential_id, transports FROM passkeys
 WHERE user_id = $1 ORDER BY created_at, id LIMIT $2;

-- name: insert_passkey(id, user, credential_id, public_key, sign_count, transports, name, now)
INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, transports, name, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (credential_id) DO NOTHING
RETURNING id, name, created_at, last_used_at;

-- name: find_credential(credential_id)
-- The passkey that an authenticator names, of a user that may sign in.
SELECT p.id, p.user_id, p.public_key, p.sign_count, u.organization_id FROM passkeys p JOIN users u ON u.id = p.user_id
 WHERE p.credential_id = $1 AND u.accepted_at IS NOT NULL AND u.disabled_at IS NULL;

-- name: use_passkey(id, known_count, sign_count, now)
-- Compare and swap: a copied authenticator that is used at the same moment gets no row.
UPDATE passkeys SET sign_count = $3, last_used_at = $4 WHERE id = $1 AND sign_count = $2 RETURNING id;

-- name: drop_passkey(id, user)
DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING name;

-- name: drop_passkeys(user)
DELETE FROM passkeys WHERE user_id = $1 RETURNING id;

-- name: find_policy(organization)
SELECT second_factor FROM organizations WHERE id = $1;

-- name: lock_policy(organization)
SELECT second_factor FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: set_policy(organization, second_factor)
UPDATE organizations SET second_factor = $2 WHERE id = $1;

-- name: sweep_pending(before, limit)
DELETE FROM pending_sign_ins WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM pending_sign_ins WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED));

-- name: sweep_challenges(before, limit)
DELETE FROM passkey_challenges WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM passkey_challenges WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED));
