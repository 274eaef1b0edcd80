-- name: take_events(limit)
-- The oldest events that no other worker takes; they are gone with the commit, in which their notices are written.
DELETE FROM notice_events WHERE position = ANY(ARRAY(
    SELECT position FROM notice_events ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING position, organization_id, environment, project_id, event_id, event_type, subject_id, occurred_at, data;

-- name: find_people(organizations)
-- Who can sign in, what they chose, and their browsers.
SELECT u.id, u.organization_id, u.role, u.project_ids,
       (SELECT coalesce(json_agg(json_build_object('event', p.event_type, 'in_app', p.in_app, 'email', p.email,
                                                   'push', p.push)), '[]')
          FROM notification_preferences p WHERE p.user_id = u.id)::text AS chosen,
       ARRAY(SELECT s.id FROM push_subscriptions s WHERE s.user_id = u.id ORDER BY s.id) AS subscription_ids
  FROM users u
 WHERE u.organization_id = ANY($1::uuid[]) AND u.accepted_at IS NOT NULL AND u.disabled_at IS NULL
 ORDER BY u.organization_id, u.id LIMIT 100000;

-- name: find_channels(projects)
SELECT id, project_id, kind, events FROM notice_channels
 WHERE project_id = ANY($1::uuid[]) AND status = 'active' ORDER BY project_id, created_at, id LIMIT 100000;

-- name: find_channels_of(organizations)
-- For events of a whole organization.
SELECT c.id, c.organization_id, c.environment, c.kind, c.events FROM notice_channels c
 WHERE c.organization_id = ANY($1::uuid[]) AND c.status = 'active'
 ORDER BY c.organization_id, c.created_at, c.id LIMIT 100000;

-- name: find_post_facts(posts)
SELECT p.id, a.handle, coalesce(p.caption_override, c.caption) AS caption, p.container_id
  FROM scheduled_posts p
  JOIN social_accounts a ON a.id = p.social_account_id
  JOIN content_containers c ON c.id = p.container_id
 WHERE p.id = ANY($1::uuid[]) ORDER BY p.id LIMIT 10000;

-- name: find_project_names(projects)
SELECT id, name FROM projects WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT 10000;

-- name: find_steps(containers)
SELECT id, review_steps FROM content_containers
 WHERE id = ANY($1::uuid[]) AND review_steps IS NOT NULL ORDER BY id LIMIT 10000;

-- name: insert_notices(notices)
-- `notices` are JSON objects with the columns.
INSERT INTO notices (id, organization_id, environment, project_id, container_id, event_type, subject_type, subject_id,
                     title, text, at)
SELECT id, organization_id, environment, project_id, container_id, event_type, subject_type, subject_id, title, text, at
  FROM json_to_recordset($1::json)
       AS n(id uuid, organization_id uuid, environment text, project_id uuid, container_id uuid, event_type text,
            subject_type text, subject_id uuid, title text, text text, at timestamptz)
ON CONFLICT (id) DO NOTHING;

-- name: insert_notifications(notices, users)
INSERT INTO notifications (notice_id, user_id, environment, at)
SELECT n.id, t.user_id, n.environment, n.at
  FROM unnest($1::uuid[], $2::uuid[]) AS t(notice_id, user_id) JOIN notices n ON n.id = t.notice_id
 ORDER BY t.user_id
ON CONFLICT DO NOTHING;

-- name: wake_destinations(ids, kinds, due_at)
-- In the order of the ids, so that workers that write to the same destinations wait for each other.
INSERT INTO notice_destinations AS d (id, kind, due_at)
SELECT id, kind, due_at FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS t(id, kind, due_at) ORDER BY id
ON CONFLICT (id) DO UPDATE SET due_at = CASE WHEN d.failures_in_row = 0 OR d.due_at IS NULL
                                             THEN least(d.due_at, excluded.due_at) ELSE d.due_at END;

-- name: open_mail_windows(destinations, types, now, window)
-- One row for each kind of message of a destination: whether its window is opened now, and when it was opened.
INSERT INTO notice_mail_windows AS w (destination_id, event_type, opened_at)
SELECT destination_id, event_type, $3::timestamptz
  FROM unnest($1::uuid[], $2::text[]) AS t(destination_id, event_type) ORDER BY destination_id, event_type
ON CONFLICT (destination_id, event_type) DO UPDATE
   SET opened_at = CASE WHEN w.opened_at <= $3::timestamptz - $4::interval OR w.opened_at > $3::timestamptz
                        THEN $3 ELSE w.opened_at END
RETURNING destination_id, event_type, opened_at;

-- name: insert_deliveries(destinations, notices, types, due_at, now)
INSERT INTO notice_deliveries (destination_id, notice_id, event_type, due_at, created_at)
SELECT destination_id, notice_id, event_type, due_at, $5::timestamptz
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])
       AS t(destination_id, notice_id, event_type, due_at)
ON CONFLICT DO NOTHING;

-- name: has_events()
SELECT EXISTS (SELECT FROM notice_events);

-- name: claim_destinations(now, worker, lease, limit)
UPDATE notice_destinations d SET leased_by = $2, leased_until = coalesce($1, now()) + $3::interval
 WHERE d.id = ANY(ARRAY(
       SELECT id FROM notice_destinations
        WHERE due_at <= coalesce($1, now()) AND (leased_until IS NULL OR leased_until <= coalesce($1, now()))
        ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED))
RETURNING d.id, d.kind, d.failures_in_row, coalesce($1, now()) AS claimed_at;

-- name: renew_destinations(now, ids, worker, lease)
UPDATE notice_destinations SET leased_until = coalesce($1, now()) + $4::interval
 WHERE id = ANY($2::uuid[]) AND leased_by = $3 RETURNING id;

-- name: release_destinations(worker, held)
UPDATE notice_destinations SET leased_by = NULL, leased_until = NULL WHERE leased_by = $1 AND id <> ALL($2::uuid[]);

-- name: next_due(now)
SELECT min(greatest(due_at, leased_until)) - coalesce($1, now())
  FROM (SELECT due_at, leased_until FROM notice_destinations WHERE due_at > coalesce($1, now())
         ORDER BY due_at LIMIT 1) d;

-- name: find_user_target(id)
-- Where e-mails of a person go, while they can sign in.
SELECT u.email, u.name FROM users u WHERE u.id = $1 AND u.accepted_at IS NOT NULL AND u.disabled_at IS NULL;

-- name: find_channel_target(id)
SELECT kind, sealed_target, status, organization_id FROM notice_channels WHERE id = $1;

-- name: find_push_target(id)
SELECT s.sealed_target, u.organization_id FROM push_subscriptions s JOIN users u ON u.id = s.user_id
 WHERE s.id = $1 AND u.disabled_at IS NULL;

-- name: take_deliveries(destination, now, only_tests, limit)
SELECT n.id, n.organization_id, n.environment, n.project_id, d.event_type, n.subject_type, n.subject_id, n.title,
       n.text, n.at, d.created_at
  FROM notice_deliveries d JOIN notices n ON n.id = d.notice_id
 WHERE d.destination_id = $1 AND d.due_at <= coalesce($2, now()) AND (NOT $3 OR d.event_type = 'test.ping')
 ORDER BY d.due_at, n.at, n.id LIMIT $4;

-- name: delete_deliveries(destination, notices)
DELETE FROM notice_deliveries WHERE destination_id = $1 AND notice_id = ANY($2::uuid[]);

-- name: drop_old_deliveries(destination, before)
DELETE FROM notice_deliveries WHERE destination_id = $1 AND created_at < $2;

-- name: lock_destination(id, worker)
SELECT failures_in_row FROM notice_destinations WHERE id = $1 AND leased_by = $2 FOR UPDATE;

-- name: settle_destination(id, failures, rests_until, only_tests)
-- In the transaction that has locked the row: what was queued before is seen, and what is queued later waits for it.
UPDATE notice_destinations
   SET leased_by = NULL, leased_until = NULL, failures_in_row = $2,
       due_at = (SELECT greatest($3::timestamptz, min(d.due_at)) FROM notice_deliveries d
                  WHERE d.destination_id = $1 AND (NOT $4 OR d.event_type = 'test.ping') HAVING count(*) > 0)
 WHERE id = $1;

-- name: delete_tests(destination)
DELETE FROM notice_deliveries WHERE destination_id = $1 AND event_type = 'test.ping';

-- name: delete_destination(id)
DELETE FROM notice_destinations WHERE id = $1;

-- name: channel_sent(id, now)
UPDATE notice_channels SET last_sent_at = $2, last_error = NULL WHERE id = $1;

-- name: channel_failed(id, error)
UPDATE notice_channels SET last_error = $2 WHERE id = $1;

-- name: pause_channel(id, now, reason)
UPDATE notice_channels SET status = 'paused', paused_at = $2, paused_reason = $3, updated_at = $2
 WHERE id = $1 AND status = 'active' RETURNING id;

-- name: list_notifications(user, environment, projects, unread, before_at, before_id, limit)
-- plan: custom
SELECT n.id, n.environment, n.project_id, n.event_type, n.subject_type, n.subject_id, n.title, n.text, n.at, t.read_at
  FROM notifications t JOIN notices n ON n.id = t.notice_id
 WHERE t.user_id = $1 AND t.environment = $2 AND ($3::uuid[] IS NULL OR n.project_id = ANY($3))
   AND (NOT $4 OR t.read_at IS NULL) AND (t.at, t.notice_id) < ($5, $6)
 ORDER BY t.at DESC, t.notice_id DESC LIMIT $7;

-- name: count_unread(user, environment, projects, limit)
SELECT count(*) FROM (
    SELECT FROM notifications t
     WHERE t.user_id = $1 AND t.environment = $2 AND t.read_at IS NULL
       AND ($3::uuid[] IS NULL
            OR (SELECT n.project_id FROM notices n WHERE n.id = t.notice_id LIMIT 1) = ANY($3))
     LIMIT $4) AS unread;

-- name: mark_read(user, environment, up_to, now)
UPDATE notifications SET read_at = $4 WHERE user_id = $1 AND environment = $2 AND read_at IS NULL AND at <= $3;

-- name: list_preferences(user)
SELECT event_type AS event, in_app, email, push FROM notification_preferences WHERE user_id = $1
 ORDER BY event_type LIMIT 100;

-- name: write_preferences(user, types, in_app, email, push)
INSERT INTO notification_preferences (user_id, event_type, in_app, email, push)
SELECT $1, event_type, in_app, email, push
  FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::boolean[]) AS t(event_type, in_app, email, push)
 ORDER BY event_type
ON CONFLICT (user_id, event_type)
DO UPDATE SET in_app = excluded.in_app, email = excluded.email, push = excluded.push;

-- name: find_role(user)
SELECT role, email FROM users WHERE id = $1;

-- name: insert_channel(id, project, organization, environment, kind, target, shown_target, events, now, most)
-- No row if the project has as many as it may have.
INSERT INTO notice_channels AS c (id, project_id, organization_id, environment, kind, sealed_target, shown_target,
                                  events, status, created_at, updated_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'active', $9::timestamptz, $9::timestamptz
 WHERE (SELECT count(*) FROM (SELECT FROM notice_channels WHERE project_id = $2 LIMIT $10) d) < $10
RETURNING
-- include: presswork.notices columns.sql channel(c)

-- name: find_channel(organization, environment, id)
SELECT
-- include: presswork.notices columns.sql channel(c)
  FROM notice_channels c WHERE c.id = $3 AND c.organization_id = $1 AND c.environment = $2;

-- name: lock_channel(organization, environment, id)
SELECT
-- include: presswork.notices columns.sql channel(c)
  FROM notice_channels c WHERE c.id = $3 AND c.organization_id = $1 AND c.environment = $2 FOR NO KEY UPDATE;

-- name: list_channels(project, after_at, after_id, limit)
SELECT
-- include: presswork.notices columns.sql channel(c)
  FROM notice_channels c WHERE c.project_id = $1 AND (c.created_at, c.id) > ($2, $3)
 ORDER BY c.created_at, c.id LIMIT $4;

-- name: update_channel(id, target, shown_target, events, status, paused_reason, now)
-- `target` is null if it stays. A channel that is resumed or goes elsewhere starts without its failures.
UPDATE notice_channels c
   SET sealed_target = coalesce($2, sealed_target), shown_target = $3, events = $4, status = $5,
       paused_at = CASE WHEN $5 = 'paused' THEN coalesce(paused_at, $7::timestamptz) END,
       paused_reason = CASE WHEN $5 = 'paused' THEN $6::text END,
       last_error = CASE WHEN $2 IS NULL AND status = $5 THEN last_error END, updated_at = $7
 WHERE c.id = $1
RETURNING
-- include: presswork.notices columns.sql channel(c)

-- name: revive_destination(id, now)
UPDATE notice_destinations SET failures_in_row = 0,
       due_at = CASE WHEN EXISTS (SELECT FROM notice_deliveries WHERE destination_id = $1) THEN $2::timestamptz END
 WHERE id = $1;

-- name: delete_channel(id)
WITH gone AS (DELETE FROM notice_destinations WHERE id = $1)
DELETE FROM notice_channels WHERE id = $1;

-- name: insert_subscription(id, user, endpoint_hash, target, now)
-- A browser that another person used before is now of this one.
INSERT INTO push_subscriptions AS s (id, user_id, endpoint_hash, sealed_target, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (endpoint_hash) DO UPDATE SET user_id = $2, sealed_target = $4
RETURNING id, created_at;

-- name: drop_oldest_subscriptions(user, keep)
WITH old AS (
    SELECT id FROM push_subscriptions WHERE user_id = $1 ORDER BY created_at DESC, id DESC OFFSET $2
), gone AS (
    DELETE FROM notice_destinations WHERE id IN (SELECT id FROM old)
)
DELETE FROM push_subscriptions WHERE id IN (SELECT id FROM old);

-- name: find_subscription(user, endpoint_hash)
SELECT id FROM push_subscriptions WHERE user_id = $1 AND endpoint_hash = $2;

-- name: delete_subscription_by_id(id)
WITH gone AS (DELETE FROM notice_destinations WHERE id = $1)
DELETE FROM push_subscriptions WHERE id = $1;

-- name: find_push_key()
SELECT sealed_key FROM push_keys WHERE id = 1;

-- name: find_channel_by_id(id)
SELECT shown_target FROM notice_channels WHERE id = $1 AND kind = 'email';

-- name: unsubscribe_user(user, type, in_app, push)
-- What the person did not choose before is stored as it is by default.
INSERT INTO notification_preferences (user_id, event_type, in_app, email, push) VALUES ($1, $2, $3, false, $4)
ON CONFLICT (user_id, event_type) DO UPDATE SET email = false;

-- name: unsubscribe_channel(id, type, status, reason, now)
-- A channel has one event at least: without its last one it is paused.
UPDATE notice_channels
   SET events = CASE WHEN cardinality(events) > 1 THEN array_remove(events, $2) ELSE events END,
       status = CASE WHEN cardinality(events) > 1 THEN status ELSE $3 END,
       paused_reason = CASE WHEN cardinality(events) > 1 THEN paused_reason ELSE $4::text END,
       paused_at = CASE WHEN cardinality(events) > 1 THEN paused_at ELSE $5::timestamptz END, updated_at = $5
 WHERE id = $1 AND kind = 'email' AND $2 = ANY(events) AND (cardinality(events) > 1 OR status <> $3)
RETURNING organization_id, environment;

-- name: delete_deliveries_of_type(destination, type)
DELETE FROM notice_deliveries WHERE destination_id = $1 AND event_type = $2;

-- name: insert_push_key(sealed_key, now)
-- Of two processes, the first one's stays.
INSERT INTO push_keys (id, sealed_key, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING;

-- name: warn_of_tokens(now, limit)
-- Accounts whose tokens end within 14, 7 or 1 days, once for each: tokens that can't be renewed, or that could not be.
-- A token that lives for less than two days is renewed all the time.
WITH due AS (
    SELECT a.id, a.token_expires_at, s.days
      FROM social_accounts a
     CROSS JOIN LATERAL (
           SELECT CASE WHEN a.token_expires_at <= $1::timestamptz + interval '1 day' THEN 1
                       WHEN a.token_expires_at <= $1::timestamptz + interval '7 days' THEN 7 ELSE 14 END AS days) s
      LEFT JOIN token_warnings w ON w.social_account_id = a.id
     WHERE a.status = 'connected' AND a.token_expires_at > $1 AND a.token_expires_at <= $1::timestamptz
           + interval '14 days'
       AND (a.refresh_due_at IS NULL OR a.refresh_due_at >= a.token_expires_at
            OR a.token_expires_at - coalesce(a.token_refreshed_at, a.connected_at) >= interval '2 days')
       AND (w.social_account_id IS NULL OR w.token_expires_at <> a.token_expires_at OR w.days > s.days)
     ORDER BY a.token_expires_at, a.id LIMIT $2
), warned AS (
    INSERT INTO token_warnings AS w (social_account_id, token_expires_at, days)
    SELECT id, token_expires_at, days FROM due ORDER BY id
    ON CONFLICT (social_account_id) DO UPDATE SET token_expires_at = excluded.token_expires_at, days = excluded.days
     WHERE w.token_expires_at <> excluded.token_expires_at OR w.days > excluded.days
    RETURNING social_account_id, days
), account AS (
    SELECT a AS account, ceil(extract(epoch FROM a.token_expires_at - $1::timestamptz) / 86400)::integer AS days
      FROM warned w JOIN social_accounts a ON a.id = w.social_account_id
),
-- include: presswork.events outbox.sql token_expiring(account, $1)
SELECT count(*) FROM warned;

-- name: warn_of_quota(now, quota, limit)
-- Organizations that use 80 % of their storage, once until they use less than that again. In both environments: the
-- storage is one.
WITH below AS (
    DELETE FROM quota_warnings q
     WHERE NOT EXISTS (SELECT FROM media_usage u
                        WHERE u.organization_id = q.organization_id AND u.size_bytes >= $2::bigint * 8 / 10)
), warned AS (
    INSERT INTO quota_warnings (organization_id, warned_at)
    SELECT u.organization_id, $1 FROM media_usage u
     WHERE u.size_bytes >= $2::bigint * 8 / 10
       AND NOT EXISTS (SELECT FROM quota_warnings q WHERE q.organization_id = u.organization_id)
     ORDER BY u.organization_id LIMIT $3
    ON CONFLICT DO NOTHING
    RETURNING organization_id
), usage AS (
    SELECT w.organization_id AS subject_id, w.organization_id, e.environment, NULL::uuid AS project_id,
           json_build_object('organizationId', 'org_' || w.organization_id, 'usedBytes', u.size_bytes,
                             'quotaBytes', $2::bigint)::text AS data
      FROM warned w JOIN media_usage u USING (organization_id)
     CROSS JOIN (VALUES ('live'), ('test')) AS e(environment)
),
-- include: presswork.events outbox.sql stated(usage, $1, 'quota.media')
SELECT count(*) FROM warned;

-- name: announce_limits(now, limit)
-- Limits that an organization came near or reached since the last round. What counts both environments has an event in
-- each.
WITH announced AS (
    UPDATE limit_crossings c SET announced_at = $1
      FROM (SELECT organization_id, environment, name, percent, month FROM limit_crossings
             WHERE announced_at IS NULL ORDER BY month, organization_id LIMIT $2 FOR UPDATE SKIP LOCKED) d
     WHERE c.organization_id = d.organization_id AND c.environment = d.environment AND c.name = d.name
       AND c.percent = d.percent AND c.month = d.month
    RETURNING c.organization_id, c.environment, c.name, c.percent, c.month, c.used, c.maximum
), crossing AS (
    SELECT a.organization_id AS subject_id, a.organization_id, e.environment, NULL::uuid AS project_id,
           CASE a.percent WHEN 80 THEN 'usage.near_limit' ELSE 'usage.limit_reached' END AS kind,
           json_build_object('organizationId', 'org_' || a.organization_id, 'limit', a.name, 'maximum', a.maximum,
                             'used', a.used, 'resetsAt', CASE a.name WHEN 'postsPerMonth' THEN
                             to_char(a.month + interval '1 month', 'YYYY-MM-DD"T"00:00:00.000"Z"') END)::text AS data
      FROM announced a CROSS JOIN (VALUES ('live'), ('test')) AS e(environment)
     WHERE a.environment IN (e.environment, 'both')
),
-- include: presswork.events outbox.sql stated(crossing, $1, kind)
SELECT count(*) FROM announced;

-- name: sweep_token_warnings(before, limit)
DELETE FROM token_warnings WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM token_warnings WHERE token_expires_at < $1 LIMIT $2));

-- name: sweep_mail_windows(before, limit)
DELETE FROM notice_mail_windows WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM notice_mail_windows WHERE opened_at < $1 ORDER BY opened_at LIMIT $2 FOR UPDATE SKIP LOCKED));

-- name: sweep_notices(before, limit)
-- With the notifications and what waits to be sent. The ids of events are ordered by time.
DELETE FROM notices WHERE id = ANY(ARRAY(
    SELECT id FROM notices WHERE id < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED));
