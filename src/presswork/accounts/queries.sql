-- name: list_accounts(project, organization, environment, platform, status, after_at, after_id, limit, logins)
-- plan: custom
-- Of the logins that this version knows, as all that read accounts: another one is of a newer version.
-- include: presswork.accounts lists.sql account()
 WHERE a.project_id = $1 AND a.organization_id = $2 AND a.environment = $3
   AND ($4::text IS NULL OR a.platform = $4) AND ($5::text IS NULL OR a.status = $5)
   AND a.login = ANY($9::text[]) AND (a.created_at, a.id) > ($6, $7)
 ORDER BY a.created_at, a.id LIMIT $8;

-- name: search_all(organization, environment, near_at, near_id, scanned, limit, filter, statuses, platforms, logins)
-- plan: custom
-- The accounts of all projects of an organization and environment. The index knows the status and the platform.
WITH candidate AS MATERIALIZED (
    SELECT a.created_at, a.id
      FROM unnest($8::text[]) AS s(status) CROSS JOIN unnest($9::text[]) AS v(platform)
     CROSS JOIN LATERAL (
           SELECT a.created_at, a.id FROM social_accounts a
            WHERE a.organization_id = $1 AND a.environment = $2 AND a.status = s.status AND a.platform = v.platform
              AND a.login = ANY($10::text[]) AND (a.created_at, a.id) > ($3::timestamptz, $4::uuid)
            ORDER BY a.created_at, a.id LIMIT $5) a
     ORDER BY a.created_at, a.id LIMIT $5
)
-- include: presswork.accounts lists.sql found()
;

-- name: search_project(organization, environment, near_at, near_id, scanned, limit, filter, project, logins)
-- plan: custom
WITH candidate AS MATERIALIZED (
    SELECT a.created_at, a.id FROM social_accounts a
     WHERE a.project_id = (SELECT id FROM projects WHERE id = $8 AND organization_id = $1 AND environment = $2)
       AND a.login = ANY($9::text[]) AND (a.created_at, a.id) > ($3::timestamptz, $4::uuid)
     ORDER BY a.created_at, a.id LIMIT $5
)
-- include: presswork.accounts lists.sql found()
;

-- name: find_account(id, organization, environment, logins)
-- include: presswork.accounts lists.sql account()
 WHERE a.id = $1 AND a.organization_id = $2 AND a.environment = $3 AND a.login = ANY($4::text[]);

-- name: has_published_since(account, since)
-- Whether a post of the account went live since then. Posts that were due more than a day before are left out, so that
-- the query does not read the account's whole history.
SELECT EXISTS (SELECT FROM scheduled_posts
                WHERE social_account_id = $1 AND status IN ('publishing', 'published')
                  AND scheduled_for > $2::timestamptz - interval '1 day' AND live_at >= $2);

-- name: lock_account(id, organization, environment, logins)
SELECT id, environment, platform, login, status, sealed_tokens, disconnected_at, disconnected_reason, app_id
  FROM social_accounts
 WHERE id = $1 AND organization_id = $2 AND environment = $3 AND login = ANY($4::text[])
   FOR UPDATE;

-- name: grant_is_used(account, logins, app)
-- Whether a connected account uses the same platform account, or the grant of the same person by a login of the same
-- app: that of the installation without one. Another app has a grant of its own.
SELECT EXISTS (SELECT FROM social_accounts o
                WHERE o.login = a.login AND o.platform = a.platform AND o.external_id = a.external_id
                  AND o.environment = a.environment AND o.status <> 'disconnected'
                  AND o.app_id IS NOT DISTINCT FROM $3::uuid)
    OR EXISTS (SELECT FROM social_accounts o
                WHERE o.login = ANY($2::text[]) AND o.grantor_id = a.grantor_id AND o.environment = a.environment
                  AND o.status <> 'disconnected' AND o.app_id IS NOT DISTINCT FROM $3::uuid)
  FROM social_accounts a WHERE a.id = $1;

-- name: upsert_account(id, project, organization, environment, scopes, sealed_tokens, grant, now)
-- An account that the project already has keeps its id. The new tokens_version makes the compare-and-swap of a refresh
-- of the former tokens fail.
WITH connected AS (
    INSERT INTO social_accounts AS a (id, project_id, organization_id, environment, platform, login, external_id,
                                      handle,
                                      display_name, avatar_url, status, scopes, sealed_tokens, token_expires_at,
                                      refresh_due_at, connected_at, created_at, updated_at, grantor_id,
                                      connect_link_id, reduced_privacy, app_id)
    SELECT $1, $2, $3, $4, g.platform, g.login, g.external_id, g.handle, g.display_name, g.avatar_url, 'connected', $5,
           $6,
           g.token_expires_at, g.refresh_due_at, $8, $8, $8, g.grantor_id, g.connect_link_id, g.reduced_privacy,
           g.app_id
      FROM json_populate_record(NULL::social_accounts, $7::json) AS g
    ON CONFLICT (project_id, platform, external_id) DO UPDATE
       SET login = excluded.login, handle = excluded.handle, display_name = excluded.display_name,
           avatar_url = excluded.avatar_url,
           status = 'connected', scopes = excluded.scopes, sealed_tokens = excluded.sealed_tokens,
           tokens_version = a.tokens_version + 1,
           token_expires_at = excluded.token_expires_at, token_refreshed_at = NULL,
           refresh_due_at = excluded.refresh_due_at,
           refresh_leased_until = NULL, connected_at = excluded.connected_at, disconnected_at = NULL,
           disconnected_reason = NULL, updated_at = excluded.updated_at, grantor_id = excluded.grantor_id,
           connect_link_id = excluded.connect_link_id, reduced_privacy = excluded.reduced_privacy,
           app_id = excluded.app_id
    RETURNING a.id, a AS account
),
-- include: presswork.events outbox.sql account_changed(connected, $8)
SELECT id FROM connected;

-- name: disconnect_account(id, reason, now)
WITH moved AS (
    UPDATE social_accounts a
       SET status = 'disconnected', sealed_tokens = NULL, tokens_version = tokens_version + 1, token_expires_at = NULL,
           refresh_due_at = NULL,
           refresh_leased_until = NULL, disconnected_at = $3, disconnected_reason = $2, updated_at = $3
     WHERE id = $1 RETURNING a AS account
),
-- include: presswork.events outbox.sql account_changed(moved, $3)
SELECT true FROM moved;

-- name: mark_reauth_required(id, tokens_version, now)
-- Only if the invalid tokens are still stored; NULL: any version.
WITH moved AS (
    UPDATE social_accounts a
       SET status = 'reauth_required', refresh_due_at = NULL, refresh_leased_until = NULL, updated_at = $3
     WHERE id = $1 AND status = 'connected' AND ($2::integer IS NULL OR tokens_version = $2)
    RETURNING a AS account
),
-- include: presswork.events outbox.sql account_changed(moved, $3)
SELECT (account).organization_id, (account).environment FROM moved;

-- name: lock_accounts_of_person(logins, environment, user, after, limit, platforms, app)
-- The accounts that a person connected with a customer's app, or without one with the installation's, in all projects:
-- by the platform's id of the person or of the account itself. The owner of one app can't name accounts of another.
-- Those without tokens are included, since their names are data of the person too.
SELECT a.id, a.organization_id, a.environment, a.platform, a.status, a.connected_at FROM social_accounts a
 WHERE a.id IN (SELECT g.id FROM social_accounts g
                 WHERE g.login = ANY ($1::text[]) AND g.grantor_id = $3 AND g.environment = $2
                 UNION
                SELECT e.id FROM social_accounts e
                 WHERE e.platform = ANY ($6::text[]) AND e.external_id = $3 AND e.login = ANY ($1::text[])
                   AND e.environment = $2)
   AND a.app_id IS NOT DISTINCT FROM $7::uuid AND a.id > $4
 ORDER BY a.id LIMIT $5 FOR UPDATE OF a;

-- name: delete_account_data(id, reason, now)
-- What remains is a row without a person, which posts and logs refer to. Its ids are unique but mean nothing, so a
-- later connection of the same account is a new one.
WITH before AS (
    SELECT id, status FROM social_accounts WHERE id = $1 FOR UPDATE
), emptied AS (
    UPDATE social_accounts a
       SET status = 'disconnected', sealed_tokens = NULL, tokens_version = tokens_version + 1, token_expires_at = NULL,
           token_refreshed_at = NULL, refresh_due_at = NULL, refresh_leased_until = NULL, access_check_at = NULL,
           external_id = 'deleted-' || a.id, grantor_id = NULL, handle = 'deleted', display_name = NULL,
           avatar_url = NULL, scopes = '{}', disconnected_at = coalesce(a.disconnected_at, $3),
           disconnected_reason = $2, updated_at = $3
      FROM before b WHERE a.id = b.id
    RETURNING a AS account, b.status AS former
), moved AS (
    SELECT account FROM emptied WHERE former <> 'disconnected'
),
-- include: presswork.events outbox.sql account_changed(moved, $3)
SELECT true FROM emptied;

-- name: request_access_checks(platform, environment, external_id, app, now, limit)
-- One platform account may be connected in several projects; those of a customer's app, or without one of the
-- installation's, are checked. A check that runs now is repeated.
WITH found AS (
    SELECT id FROM social_accounts
     WHERE platform = $1 AND environment = $2 AND external_id = $3 AND app_id IS NOT DISTINCT FROM $4::uuid
       AND status = 'connected'
     ORDER BY id LIMIT $6 FOR UPDATE
)
UPDATE social_accounts a SET access_check_at = least(a.access_check_at, coalesce($5, now()))
  FROM found f WHERE a.id = f.id
RETURNING a.id;

-- name: claim_access_checks(now, lease, logins, environments, limit)
-- Until the lease ends, or for good once the check has ended, no other worker gets the account.
WITH due AS (
    SELECT id FROM social_accounts
     WHERE access_check_at <= coalesce($1, now()) AND status = 'connected'
       AND (app_id IS NOT NULL
            OR (login, environment) IN (SELECT u.login, u.environment
                                          FROM unnest($3::text[], $4::text[]) AS u(login, environment)))
     ORDER BY access_check_at, id LIMIT $5 FOR UPDATE SKIP LOCKED
)
UPDATE social_accounts a SET access_check_at = coalesce($1, now()) + $2::interval
  FROM due d WHERE a.id = d.id
RETURNING a.id, a.login, a.environment, a.app_id, a.access_check_at AS leased_until, coalesce($1, now()) AS now;

-- name: end_access_check(id, access_check_at)
-- Not if another check was requested meanwhile.
UPDATE social_accounts SET access_check_at = NULL WHERE id = $1 AND access_check_at = $2;

-- name: stored_tokens(id)
SELECT status, sealed_tokens, tokens_version, refresh_due_at, refresh_leased_until FROM social_accounts WHERE id = $1;

-- name: lease_refresh(id, tokens_version, now, until, refresh_due_at)
-- One refresh at a time among all workers. A row: the caller holds the lease. No row if the tokens or the due time have
-- changed since the caller read them: another worker refreshed the tokens or postponed the refresh.
UPDATE social_accounts SET refresh_leased_until = $4
 WHERE id = $1 AND status = 'connected' AND tokens_version = $2 AND refresh_due_at IS NOT DISTINCT FROM $5
   AND (refresh_leased_until IS NULL OR refresh_leased_until <= $3::timestamptz)
RETURNING true;

-- name: release_refresh(id, tokens_version, refresh_due_at)
UPDATE social_accounts SET refresh_leased_until = NULL, refresh_due_at = greatest(refresh_due_at, $3)
 WHERE id = $1 AND status = 'connected' AND tokens_version = $2;

-- name: store_refreshed(id, tokens_version, fresh_tokens, token_expires_at, refresh_due_at, now)
-- Compare and swap. No row: the account was connected again or disconnected in the meantime. An account that was marked
-- reauth_required in the meantime becomes connected: another worker was refused with the former tokens.
WITH before AS (
    SELECT id, status FROM social_accounts
     WHERE id = $1 AND status IN ('connected', 'reauth_required') AND tokens_version = $2 FOR UPDATE
), moved AS (
    UPDATE social_accounts a
       SET status = 'connected', sealed_tokens = $3, tokens_version = a.tokens_version + 1, token_expires_at = $4,
           token_refreshed_at = $6, refresh_due_at = $5, refresh_leased_until = NULL, updated_at = $6
      FROM before b WHERE a.id = b.id
    RETURNING a AS account, b.status AS former
), revived AS (
    SELECT account FROM moved WHERE former <> 'connected'
),
-- include: presswork.events outbox.sql account_changed(revived, $6)
SELECT true FROM moved;

-- name: refresh_due(now, logins, environments, tried, limit)
-- `tried`: accounts to skip, since the caller has recently tried them.
SELECT id, login, environment, app_id, coalesce($1, now()) AS now FROM social_accounts
 WHERE status = 'connected' AND refresh_due_at <= coalesce($1, now())
   AND (refresh_leased_until IS NULL OR refresh_leased_until <= coalesce($1, now()))
   AND (app_id IS NOT NULL
        OR (login, environment) IN (SELECT u.login, u.environment
                                      FROM unnest($2::text[], $3::text[]) AS u(login, environment)))
   AND id <> ALL($4::uuid[])
 ORDER BY refresh_due_at, id LIMIT $5;

-- name: postpone_refresh(id, now, refresh_due_at)
-- Not while a refresh is in progress, which sets the next due time itself.
UPDATE social_accounts SET refresh_due_at = $3
 WHERE id = $1 AND status = 'connected' AND refresh_due_at <= $2
   AND (refresh_leased_until IS NULL OR refresh_leased_until <= $2);

-- name: insert_login(login, project, now, expires_at, sealed_verifier, sealed_page)
-- `login` has the other columns, as JSON.
INSERT INTO oauth_states (state, key_id, organization_id, environment, project_id, platform, login, return_url,
                          usage_note, reauth_account_id, connect_link_id, status, created_at, expires_at,
                          sealed_verifier, sealed_page, app_id)
SELECT l.state, l.key_id, p.organization_id, p.environment, p.id, l.platform, l.login, l.return_url, l.usage_note,
       l.reauth_account_id, l.connect_link_id, 'pending', $3, $4, $5, $6, l.app_id
  FROM projects p CROSS JOIN json_populate_record(NULL::oauth_states, $1::json) AS l WHERE p.id = $2;

-- name: find_server_app(environment, login, host, redirect_uri, scopes, registered_after)
SELECT sealed_credentials FROM server_apps
 WHERE environment = $1 AND login = $2 AND host = $3 AND redirect_uri = $4 AND scopes = $5::text[]
   AND (used_at IS NOT NULL OR created_at > $6);

-- name: keep_server_app(environment, login, host, redirect_uri, scopes, sealed_credentials, now)
-- Of two at once, the later one stays: a login that began with the other one has its credentials.
INSERT INTO server_apps (environment, login, host, redirect_uri, scopes, sealed_credentials, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (environment, login, host, redirect_uri)
DO UPDATE SET scopes = excluded.scopes, sealed_credentials = excluded.sealed_credentials,
              created_at = excluded.created_at, used_at = NULL;

-- name: use_server_app(environment, login, host, redirect_uris, now)
UPDATE server_apps SET used_at = $5
 WHERE environment = $1 AND login = $2 AND host = $3 AND redirect_uri = ANY($4::text[]) AND used_at IS NULL;

-- name: find_login(state, organization, environment)
SELECT state, status, CASE WHEN social_account_id IS NULL THEN '{}' ELSE social_account_id || further_account_ids END
           AS account_ids, error_code AS failure, expires_at, claimed_at
  FROM oauth_states
 WHERE state = $1 AND organization_id = $2 AND environment = $3;

-- name: claim_login(state, platform, now)
-- The first redirect claims the login; a second one, even at the same instant, gets no row.
UPDATE oauth_states s SET status = 'exchanging', claimed_at = $3
 WHERE state = $1 AND platform = $2 AND status = 'pending' AND expires_at > $3
RETURNING organization_id, environment, project_id, login, return_url, reauth_account_id, key_id, sealed_verifier,
       app_id, connect_link_id, sealed_page,
-- include: presswork.accounts lists.sql beginner()
;

-- name: offer_choice(state, sealed_grants)
UPDATE oauth_states SET status = 'choosing', sealed_grants = $2 WHERE state = $1 AND status = 'exchanging';

-- name: claim_choice(state, platform, begun_after)
-- Locked until the account is stored: a second choice finds the login ended.
SELECT s.organization_id, s.environment, s.project_id, s.login, s.return_url, s.reauth_account_id, s.sealed_grants,
       s.key_id, s.app_id, s.connect_link_id, s.sealed_page,
-- include: presswork.accounts lists.sql beginner()
  FROM oauth_states s
 WHERE s.state = $1 AND s.platform = $2 AND s.status = 'choosing' AND s.expires_at > $3
   FOR UPDATE OF s;

-- name: find_login_by_state(state, platform)
SELECT s.platform, s.status, s.return_url, s.sealed_grants, s.expires_at, s.claimed_at, s.error_code,
       s.connect_link_id, s.sealed_page,
-- include: presswork.accounts lists.sql connected_handles(s)
  FROM oauth_states s
 WHERE s.state = $1 AND s.platform = $2;

-- name: find_login_at_page(state, token_hash)
SELECT s.platform, s.status, s.return_url, s.sealed_grants, s.expires_at, s.claimed_at, s.error_code,
       s.connect_link_id, s.sealed_page,
-- include: presswork.accounts lists.sql connected_handles(s)
  FROM oauth_states s JOIN page_links l ON l.id = s.connect_link_id AND l.token_hash = $2
 WHERE s.state = $1;

-- name: end_login(state, status, social_accounts, error_code, now)
UPDATE oauth_states
   SET status = $2, social_account_id = ($3::uuid[])[1], further_account_ids = ($3::uuid[])[2:], error_code = $4,
       completed_at = $5, sealed_grants = NULL, sealed_verifier = NULL
 WHERE state = $1 AND status IN ('exchanging', 'choosing');

-- name: accounts_of_link(project, organization, environment, link, platforms, limit, logins, moved_logins, apps)
-- plan: custom
-- For the page of a connect link: first what must be connected again. A link that moves accounts has the app of each
-- login, NULL for the installation's.
-- include: presswork.accounts lists.sql account()
 CROSS JOIN LATERAL (
       SELECT a.status = 'reauth_required'
              OR a.login = ANY($8::text[])
                 AND a.app_id IS DISTINCT FROM ($9::uuid[])[array_position($8::text[], a.login)] AS is_due) d
 WHERE a.project_id = $1 AND a.organization_id = $2 AND a.environment = $3
   AND a.status IN ('connected', 'reauth_required') AND (d.is_due OR a.connect_link_id = $4)
   AND ($5::text[] IS NULL OR a.platform = ANY($5)) AND a.login = ANY($7::text[])
 ORDER BY d.is_due DESC, a.created_at, a.id LIMIT $6;

-- name: accounts_of_app(app, organization, environment, after_at, after_id, limit, logins)
-- plan: custom
-- include: presswork.accounts lists.sql account()
 WHERE a.app_id = $1 AND a.status IN ('connected', 'reauth_required')
   AND a.organization_id = $2 AND a.environment = $3 AND a.login = ANY($7::text[])
   AND (a.created_at, a.id) > ($4, $5)
 ORDER BY a.created_at, a.id LIMIT $6;

-- name: accounts_to_move(app, organization, environment, app_login, logins, after_at, after_id, limit, of_installation)
-- plan: custom
-- Accounts whose login would use another app than the one that they hold, if this app is one of both. The
-- installation's only serves the logins $9, and accounts of archived projects can't be connected.
-- include: presswork.accounts lists.sql account()
-- include: presswork.apps columns.sql used_app(a, $4)
 WHERE a.organization_id = $2 AND a.environment = $3 AND a.status IN ('connected', 'reauth_required')
   AND a.login = ANY($5::text[]) AND used.app_id IS DISTINCT FROM a.app_id AND (a.app_id = $1 OR used.app_id = $1)
   AND (used.app_id IS NOT NULL OR a.login = ANY($9::text[])) AND (a.created_at, a.id) > ($6, $7)
   AND EXISTS (SELECT FROM projects p WHERE p.id = a.project_id AND p.status = 'active')
 ORDER BY a.created_at, a.id LIMIT $8;

-- name: link_ends(id, now)
-- Why a connect link serves no more, if one is true.
SELECT revoked_at IS NOT NULL AS is_revoked, expires_at <= $2 AS is_expired,
       coalesce(uses >= max_uses, false) AS is_used_up
  FROM page_links WHERE id = $1;

-- name: use_link(id, now)
-- The row stays locked until the account is stored, so a login at the same time sees this use.
UPDATE page_links SET uses = uses + 1
 WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 AND (max_uses IS NULL OR uses < max_uses)
RETURNING true;

-- name: share_active_project(project)
-- Locked until the account is stored, so that the project can't be archived in between.
SELECT status = 'active' FROM projects WHERE id = $1 FOR SHARE;

-- name: share_app(id)
-- Locked until the account is stored, so that the app can't be deleted in between.
SELECT true FROM platform_apps WHERE id = $1 FOR KEY SHARE;

-- name: find_account_again(id, project, platform)
SELECT external_id, handle, app_id FROM social_accounts WHERE id = $1 AND project_id = $2 AND platform = $3;

-- name: lock_account_again(id)
-- Locked until the account is stored, so that it can't be disconnected in between.
SELECT status FROM social_accounts WHERE id = $1 FOR UPDATE;

-- name: set_external_id(id, external_id)
-- For an account that another app knows by another id. If the project has it by that id already, that one is connected.
UPDATE social_accounts a SET external_id = $2
 WHERE id = $1 AND external_id <> $2
   AND NOT EXISTS (SELECT FROM social_accounts o
                    WHERE o.project_id = a.project_id AND o.platform = a.platform AND o.external_id = $2);
