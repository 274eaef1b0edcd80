-- name: user()
u.id, u.organization_id, u.email, u.name, u.role, u.role_source, u.project_ids, u.created_at, u.accepted_at,
       u.disabled_at, u.last_seen_at,
       EXISTS (SELECT FROM totp_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
       OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = u.id) AS has_second_factor

-- name: open_link(now)
-- The link of the user `u` that can still be used.
(SELECT l.expires_at FROM sign_up_links l
         WHERE l.user_id = u.id AND l.used_at IS NULL AND l.expires_at > {now}
         ORDER BY l.id DESC LIMIT 1) AS link_expires_at,
       (SELECT l.emailed_at FROM sign_up_links l
         WHERE l.user_id = u.id AND l.used_at IS NULL AND l.expires_at > {now}
         ORDER BY l.id DESC LIMIT 1) AS link_emailed_at
