-- name: find_session(token_hash)
-- plan: generic
-- What each request with a session reads: by the hash of its token, for users that may sign in.
SELECT s.id AS session_id, s.last_seen_at, s.expires_at, s.confirmed_at, u.id AS user_id, u.organization_id, u.role,
       u.project_ids, coalesce(nullif(u.name, ''), u.email) AS user_name,
       EXISTS (SELECT FROM event_listeners e
                WHERE e.organization_id = u.organization_id AND e.environment = 'live'
                  AND NOT e.is_for_people) AS has_live_endpoints,
       EXISTS (SELECT FROM event_listeners e
                WHERE e.organization_id = u.organization_id AND e.environment = 'test'
                  AND NOT e.is_for_people) AS has_test_endpoints
  FROM sessions s JOIN users u ON u.id = s.user_id
 WHERE s.token_hash = $1 AND u.accepted_at IS NOT NULL AND u.disabled_at IS NULL
 LIMIT 1;

-- name: record_use(session, now)
-- Skipped if a row is locked: a later request records the use. A recorded use in the future is from before the clock
-- was set back.
WITH used AS (
    UPDATE sessions SET last_seen_at = $2::timestamptz
     WHERE id = (SELECT id FROM sessions
                  WHERE id = $1 AND (last_seen_at <= $2::timestamptz - interval '1 minute' OR last_seen_at > $2)
                    FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING user_id
)
UPDATE users SET last_seen_at = $2
 WHERE id = (SELECT id FROM users WHERE id = (SELECT user_id FROM used) FOR NO KEY UPDATE SKIP LOCKED);

-- name: insert_session(id, user, token_hash, method, address, user_agent, now, expires_at, confirmed_at)
INSERT INTO sessions (id, user_id, token_hash, method, address, user_agent, created_at, last_seen_at, expires_at,
                      confirmed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)
RETURNING id, user_id, method, address, user_agent, created_at, last_seen_at, expires_at, confirmed_at;

-- name: list_sessions(user, organization, used_after, now, after_at, after_id, limit)
SELECT s.id, s.user_id, s.method, s.address, s.user_agent, s.created_at, s.last_seen_at, s.expires_at,
       s.confirmed_at
  FROM sessions s JOIN users u ON u.id = s.user_id
 WHERE s.user_id = $1 AND u.organization_id = $2 AND s.last_seen_at > $3 AND s.expires_at > $4
   AND (s.created_at, s.id) > ($5, $6)
 ORDER BY s.created_at, s.id LIMIT $7;

-- name: find_own_session(id, organization, used_after, now)
SELECT s.id, s.user_id, s.method, s.address, s.user_agent, s.created_at, s.last_seen_at, s.expires_at,
       s.confirmed_at
  FROM sessions s JOIN users u ON u.id = s.user_id
 WHERE s.id = $1 AND u.organization_id = $2 AND s.last_seen_at > $3 AND s.expires_at > $4;

-- name: end_session(id)
DELETE FROM sessions WHERE id = $1 RETURNING user_id;

-- name: end_session_of_token(token_hash)
DELETE FROM sessions WHERE token_hash = $1 RETURNING id, user_id;

-- name: end_sessions(user, but)
-- With the sign-ins that wait for their second step.
WITH pending AS (DELETE FROM pending_sign_ins WHERE user_id = $1)
DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2 RETURNING id;

-- name: end_agents(user)
-- Their tokens end with them.
DELETE FROM oauth_grants WHERE user_id = $1;

-- name: sweep_sessions(used_before, now, limit)
DELETE FROM sessions WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM sessions WHERE last_seen_at < $1 OR expires_at < $2 ORDER BY id LIMIT $3
       FOR UPDATE SKIP LOCKED));

-- name: sweep_links(expired_before, limit)
DELETE FROM sign_up_links WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM sign_up_links WHERE expires_at < $1 ORDER BY expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED));

-- name: sweep_attempts(before, limit)
DELETE FROM sign_in_windows WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM sign_in_windows WHERE window_start < $1 ORDER BY window_start LIMIT $2
       FOR UPDATE SKIP LOCKED));

-- name: count_attempt(subject, now, window_seconds)
-- As for API keys (orgs/queries.sql: count_call).
INSERT INTO sign_in_windows AS w (subject, window_start, attempts) VALUES ($1, $2, 1)
ON CONFLICT (subject) DO UPDATE SET
    attempts = CASE WHEN $2 - w.window_start < make_interval(secs => $3)
                     AND w.window_start - $2 < make_interval(secs => $3) THEN w.attempts + 1 ELSE 1 END,
    window_start = CASE WHEN $2 - w.window_start < make_interval(secs => $3)
                         AND w.window_start - $2 < make_interval(secs => $3) THEN w.window_start ELSE $2 END
RETURNING window_start, attempts;

-- name: find_full_window(subjects, limits, now, window_seconds)
-- The counter at its limit whose window ends last.
SELECT w.window_start
  FROM unnest($1::bytea[], $2::integer[]) AS t(subject, max_attempts) JOIN sign_in_windows w ON w.subject = t.subject
 WHERE w.attempts >= t.max_attempts AND $3 - w.window_start < make_interval(secs => $4)
   AND w.window_start - $3 < make_interval(secs => $4)
 ORDER BY w.window_start DESC LIMIT 1;

-- name: uncount_attempts(subjects)
UPDATE sign_in_windows SET attempts = greatest(attempts - 1, 0)
 WHERE subject IN (SELECT subject FROM sign_in_windows WHERE subject = ANY($1::bytea[]) ORDER BY subject FOR UPDATE);

-- name: find_logins(email, limit)
-- The users with a password that an e-mail address may sign in, the one that was used last first.
SELECT
-- include: presswork.people lists.sql user()
       , u.password_hash
  FROM users u
 WHERE u.email = $1 AND u.password_hash IS NOT NULL AND u.accepted_at IS NOT NULL AND u.disabled_at IS NULL
 ORDER BY u.last_seen_at DESC NULLS LAST, u.id DESC LIMIT $2;

-- name: any_password_hash(email)
-- Passwords of one e-mail address share a salt, so that checking them costs one computation (people/passwords.py).
SELECT password_hash FROM users WHERE email = $1 AND password_hash IS NOT NULL ORDER BY id LIMIT 1;

-- name: find_password(user)
SELECT password_hash FROM users WHERE id = $1;

-- name: set_password(user, password_hash)
UPDATE users SET password_hash = $2 WHERE id = $1;

-- name: find_user(id, organization, now)
SELECT
-- include: presswork.people lists.sql user()
       ,
-- include: presswork.people lists.sql open_link($3)
  FROM users u WHERE u.id = $1 AND u.organization_id = $2;

-- name: find_user_by_email(email, organization, now)
SELECT
-- include: presswork.people lists.sql user()
       ,
-- include: presswork.people lists.sql open_link($3)
  FROM users u WHERE u.organization_id = $2 AND u.email = $1;

-- name: lock_user(id)
SELECT
-- include: presswork.people lists.sql user()
  FROM users u WHERE u.id = $1 FOR NO KEY UPDATE;

-- name: list_users(organization, now, after_at, after_id, limit)
SELECT
-- include: presswork.people lists.sql user()
       ,
-- include: presswork.people lists.sql open_link($2)
  FROM users u WHERE u.organization_id = $1 AND (u.created_at, u.id) > ($3, $4)
 ORDER BY u.created_at, u.id LIMIT $5;

-- name: list_all_users(organization_name, now, limit)
-- For the command line.
SELECT
-- include: presswork.people lists.sql user()
       , o.name AS organization,
-- include: presswork.people lists.sql open_link($2)
  FROM users u JOIN organizations o ON o.id = u.organization_id
 WHERE $1::text IS NULL OR o.name = $1
 ORDER BY u.created_at, u.id LIMIT $3;

-- name: find_any_user(id, email, organization_name)
-- For the command line: by id or e-mail address. Two rows: the address has users of several organizations.
SELECT u.id, u.organization_id FROM users u JOIN organizations o ON o.id = u.organization_id
 WHERE (u.id = $1 OR u.email = $2) AND ($3::text IS NULL OR o.name = $3)
 ORDER BY u.id LIMIT 2;

-- name: insert_user(id, organization, email, name, role, role_source, project_ids, now, accepted_at, disabled_at)
INSERT INTO users AS u (id, organization_id, email, name, role, role_source, project_ids, created_at, accepted_at,
                        disabled_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (organization_id, email) DO NOTHING
RETURNING
-- include: presswork.people lists.sql user()
;

-- name: write_user(id, name, role, role_source, project_ids, disabled_at)
UPDATE users SET name = $2, role = $3, role_source = $4, project_ids = $5, disabled_at = $6 WHERE id = $1;

-- name: set_email(id, email)
UPDATE users SET email = $2, password_hash = NULL WHERE id = $1;

-- name: accept(id, name, now)
UPDATE users SET name = $2, accepted_at = coalesce(accepted_at, $3), last_seen_at = $3 WHERE id = $1;

-- name: lock_organization(id)
-- Changes of an organization's administrators wait for each other here.
SELECT id, name FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: find_organization(id)
SELECT id, name, id = (SELECT id FROM organizations ORDER BY created_at, id LIMIT 1) AS is_first
  FROM organizations WHERE id = $1;

-- name: first_organization()
SELECT id, name FROM organizations ORDER BY created_at, id LIMIT 1;

-- name: has_other_admin(organization, user)
SELECT EXISTS (SELECT FROM users WHERE organization_id = $1 AND id <> $2 AND role = 'admin'
                  AND accepted_at IS NOT NULL AND disabled_at IS NULL);

-- name: has_admin()
SELECT EXISTS (SELECT FROM users WHERE role = 'admin' AND accepted_at IS NOT NULL AND disabled_at IS NULL);

-- name: unknown_projects(ids, organization)
SELECT t.id, t.place FROM unnest($1::uuid[]) WITH ORDINALITY AS t(id, place)
 WHERE NOT EXISTS (SELECT FROM projects p WHERE p.id = t.id AND p.organization_id = $2)
 ORDER BY t.place;

-- name: drop_links(user)
-- NULL: those of the first administrator.
DELETE FROM sign_up_links WHERE user_id IS NOT DISTINCT FROM $1 AND used_at IS NULL;

-- name: insert_link(id, user, token_hash, now, expires_at)
INSERT INTO sign_up_links (id, user_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5);

-- name: find_link(token_hash, now)
SELECT l.id, l.user_id, u.email, u.name FROM sign_up_links l LEFT JOIN users u ON u.id = l.user_id
 WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND u.disabled_at IS NULL;

-- name: use_link(id, now)
-- Of two concurrent calls, the second waits here and gets no row.
UPDATE sign_up_links SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2 RETURNING id;

-- name: link_was_emailed(user, now)
UPDATE sign_up_links SET emailed_at = $2 WHERE user_id = $1 AND used_at IS NULL;

-- name: lock_first_admin()
-- Until the transaction ends: of two links for the first administrator, one is accepted.
SELECT pg_advisory_xact_lock(hashtextextended('presswork first administrator', 0));

-- name: find_identities(issuer, subject, email, limit)
-- The users that an identity of OpenID Connect may sign in: its own, which the person chose before, then those with its
-- e-mail address; active before invited, disabled last, the one that was used last first.
SELECT
-- include: presswork.people lists.sql user()
       , u.oidc_issuer, u.oidc_subject, o.name AS organization,
       coalesce(u.oidc_issuer = $1 AND u.oidc_subject = $2, false) AS is_own
  FROM users u JOIN organizations o ON o.id = u.organization_id
 WHERE u.email = $3 OR (u.oidc_issuer = $1 AND u.oidc_subject = $2)
 ORDER BY is_own DESC, u.disabled_at NULLS FIRST, u.accepted_at IS NULL, u.last_seen_at DESC NULLS LAST, u.id DESC
 LIMIT $4;

-- name: link_identity(user, issuer, subject)
UPDATE users SET oidc_issuer = $2, oidc_subject = $3 WHERE id = $1;
