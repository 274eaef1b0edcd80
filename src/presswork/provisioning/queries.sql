-- name: insert_token(id, organization, name, token_hash, sends_invitations, now, expires_at, most)
-- No row if the organization has as many as it may have. Its lock lets creations take turns.
INSERT INTO scim_tokens (id, organization_id, name, token_hash, sends_invitations, created_at, expires_at)
SELECT $1, $2, $3, $4, $5, $6::timestamptz, $7::timestamptz
 WHERE (SELECT count(*) FROM (SELECT FROM scim_tokens WHERE organization_id = $2 LIMIT $8) t) < $8
RETURNING id, organization_id, name, sends_invitations, created_at, expires_at, last_used_at;

-- name: list_tokens(organization, after_at, after_id, limit)
SELECT id, organization_id, name, sends_invitations, created_at, expires_at, last_used_at FROM scim_tokens
 WHERE organization_id = $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4;

-- name: delete_token(id, organization)
DELETE FROM scim_tokens WHERE id = $1 AND organization_id = $2
RETURNING id, organization_id, name, sends_invitations, created_at, expires_at, last_used_at;

-- name: find_token(token_hash)
SELECT id, organization_id, name, sends_invitations, created_at, expires_at, last_used_at FROM scim_tokens
 WHERE token_hash = $1;

-- name: record_use(id, now)
-- Skipped if the row is locked: the next request records the use. A recorded use in the future is from before the clock
-- was set back.
UPDATE scim_tokens SET last_used_at = $2::timestamptz
 WHERE id = (SELECT id FROM scim_tokens
              WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2::timestamptz - interval '1 minute'
                                 OR last_used_at > $2)
                FOR NO KEY UPDATE SKIP LOCKED);

-- name: list_people(organization, offset, limit)
SELECT
-- include: presswork.provisioning lists.sql person()
  FROM
-- include: presswork.provisioning lists.sql people()
 WHERE u.organization_id = $1 AND
-- include: presswork.provisioning lists.sql is_shown()
 ORDER BY u.created_at, u.id OFFSET $2 LIMIT $3;

-- name: count_people(organization)
SELECT count(*) FROM
-- include: presswork.provisioning lists.sql people()
 WHERE u.organization_id = $1 AND
-- include: presswork.provisioning lists.sql is_shown()
;

-- name: find_person(organization, id)
SELECT
-- include: presswork.provisioning lists.sql person()
  FROM
-- include: presswork.provisioning lists.sql people()
 WHERE u.organization_id = $1 AND u.id = $2 AND
-- include: presswork.provisioning lists.sql is_shown()
;

-- name: find_person_by_name(organization, user_name)
-- The e-mail address is the name of a user that no provider has written.
SELECT
-- include: presswork.provisioning lists.sql person()
  FROM
-- include: presswork.provisioning lists.sql people()
 WHERE u.organization_id = $1 AND u.id = ANY(ARRAY(
           SELECT n.user_id FROM scim_users n WHERE n.organization_id = $1 AND lower(n.user_name) = lower($2)
            UNION ALL
           SELECT e.id FROM users e
            WHERE e.organization_id = $1 AND e.email = lower($2)
              AND NOT EXISTS (SELECT FROM scim_users x WHERE x.user_id = e.id))) AND
-- include: presswork.provisioning lists.sql is_shown()
 ORDER BY u.id LIMIT 1;

-- name: find_person_by_email(organization, email)
SELECT
-- include: presswork.provisioning lists.sql person()
  FROM
-- include: presswork.provisioning lists.sql people()
 WHERE u.organization_id = $1 AND u.email = $2 AND
-- include: presswork.provisioning lists.sql is_shown()
;

-- name: find_people_by_external_id(organization, external_id, limit)
SELECT
-- include: presswork.provisioning lists.sql person()
  FROM users u JOIN scim_users s ON s.user_id = u.id
 WHERE s.organization_id = $1 AND s.external_id = $2 AND
-- include: presswork.provisioning lists.sql is_shown()
 ORDER BY u.created_at, u.id LIMIT $3;

-- name: find_deleted(organization, user_name, email)
-- A user that the provider deleted, by either name. One with the user name comes first.
SELECT u.id FROM users u JOIN scim_users s ON s.user_id = u.id
 WHERE u.organization_id = $1 AND u.disabled_at IS NOT NULL AND s.deleted_at IS NOT NULL
   AND u.id = ANY(ARRAY(
           SELECT n.user_id FROM scim_users n WHERE n.organization_id = $1 AND lower(n.user_name) = lower($2)
            UNION ALL
           SELECT e.id FROM users e WHERE e.organization_id = $1 AND e.email = $3))
 ORDER BY lower(s.user_name) = lower($2) DESC, u.id LIMIT 1;

-- name: save_profile(user, organization, user_name, external_id, profile, now)
-- No row if another user of the organization has the name.
INSERT INTO scim_users AS s (user_id, organization_id, user_name, external_id, profile, updated_at)
SELECT $1, $2, $3, $4, $5, $6
 WHERE NOT EXISTS (SELECT FROM scim_users o
                    WHERE o.organization_id = $2 AND lower(o.user_name) = lower($3) AND o.user_id <> $1)
ON CONFLICT (user_id) DO UPDATE SET user_name = $3, external_id = $4, profile = $5, updated_at = $6, deleted_at = NULL
RETURNING s.user_id;

-- name: mark_deleted(user, organization, user_name, now)
INSERT INTO scim_users (user_id, organization_id, user_name, profile, updated_at, deleted_at)
VALUES ($1, $2, $3, '{}', $4, $4)
ON CONFLICT (user_id) DO UPDATE SET deleted_at = $4, updated_at = $4;

-- name: groups_of(users)
SELECT m.user_id, g.id, g.name FROM scim_members m JOIN scim_groups g ON g.id = m.group_id
 WHERE m.user_id = ANY($1::uuid[]) ORDER BY m.user_id, g.created_at, g.id;

-- name: list_groups(organization, offset, limit)
SELECT
-- include: presswork.provisioning lists.sql group()
  FROM scim_groups g WHERE g.organization_id = $1 ORDER BY g.created_at, g.id OFFSET $2 LIMIT $3;

-- name: count_groups(organization)
SELECT count(*) FROM scim_groups WHERE organization_id = $1;

-- name: find_group(organization, id)
SELECT
-- include: presswork.provisioning lists.sql group()
  FROM scim_groups g WHERE g.organization_id = $1 AND g.id = $2;

-- name: find_group_by_name(organization, name)
SELECT
-- include: presswork.provisioning lists.sql group()
  FROM scim_groups g WHERE g.organization_id = $1 AND lower(g.name) = lower($2);

-- name: find_groups_by_external_id(organization, external_id, limit)
SELECT
-- include: presswork.provisioning lists.sql group()
  FROM scim_groups g WHERE g.organization_id = $1 AND g.external_id = $2 ORDER BY g.created_at, g.id LIMIT $3;

-- name: find_groups_of_member(organization, user, limit)
SELECT
-- include: presswork.provisioning lists.sql group()
  FROM scim_groups g JOIN scim_members m ON m.group_id = g.id
 WHERE g.organization_id = $1 AND m.user_id = $2 ORDER BY g.created_at, g.id LIMIT $3;

-- name: members_of(groups)
SELECT group_id, user_id FROM scim_members WHERE group_id = ANY($1::uuid[]) ORDER BY group_id, user_id;

-- name: summarize_groups(organization, after_at, after_id, limit)
SELECT g.id, g.name, g.created_at, (SELECT count(*) FROM scim_members m WHERE m.group_id = g.id) AS member_count
  FROM scim_groups g
 WHERE g.organization_id = $1 AND (g.created_at, g.id) > ($2, $3) ORDER BY g.created_at, g.id LIMIT $4;

-- name: insert_group(id, organization, name, external_id, now)
INSERT INTO scim_groups (id, organization_id, name, external_id, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (organization_id, lower(name)) DO NOTHING RETURNING id;

-- name: write_group(id, name, external_id, now)
UPDATE scim_groups SET name = $2, external_id = $3, updated_at = $4 WHERE id = $1;

-- name: delete_group(id)
DELETE FROM scim_groups WHERE id = $1;

-- name: known_users(ids, organization)
SELECT id FROM users WHERE id = ANY($1::uuid[]) AND organization_id = $2;

-- name: add_members(group, users)
INSERT INTO scim_members (group_id, user_id) SELECT $1, t.id FROM unnest($2::uuid[]) AS t(id)
ON CONFLICT (group_id, user_id) DO NOTHING;

-- name: remove_members(group, users)
DELETE FROM scim_members WHERE group_id = $1 AND user_id = ANY($2::uuid[]);

-- name: leave_groups(user)
DELETE FROM scim_members WHERE user_id = $1;

-- name: memberships_of(users)
SELECT u.id AS user_id, u.role, u.role_source,
       ARRAY(SELECT g.name FROM scim_members m JOIN scim_groups g ON g.id = m.group_id
              WHERE m.user_id = u.id ORDER BY g.id) AS groups
  FROM users u WHERE u.id = ANY($1::uuid[]) ORDER BY u.id;
