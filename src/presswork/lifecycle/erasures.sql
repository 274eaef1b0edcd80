-- Erasures: the job with its lease and its receipt, and the statements that remove what belongs to a project, batch by
-- batch. tests/lifecycle/test_erasure.py walks the schema for tables that this file forgets.

-- name: find_of_project(project)
SELECT
-- include: presswork.lifecycle columns.sql erasure(e)
  FROM erasures e WHERE project_id = $1;

-- name: count_in_flight(project)
-- Posts that are not over, and live ones that are being taken down or changed.
SELECT (SELECT count(*) FROM scheduled_posts WHERE project_id = $1 AND status IN ('queued', 'publishing'))
     + (SELECT count(*) FROM live_changes l JOIN scheduled_posts p ON p.id = l.post_id
         WHERE l.ended_at IS NULL AND p.project_id = $1);

-- name: create(id, project, name, organization, environment, requested_by, now)
INSERT INTO erasures AS e (id, project_id, project_name, organization_id, environment, requested_by, status, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'running', $7)
RETURNING
-- include: presswork.lifecycle columns.sql erasure(e)
;

-- name: find(id, organization, environment)
SELECT
-- include: presswork.lifecycle columns.sql erasure(e)
  FROM erasures e WHERE id = $1 AND organization_id = $2 AND environment = $3;

-- name: list_erasures(organization, environment, before_at, before_id, limit, projects)
SELECT
-- include: presswork.lifecycle columns.sql erasure(e)
  FROM erasures e
 WHERE organization_id = $1 AND environment = $2 AND (created_at, id) < ($3, $4)
   AND ($6::uuid[] IS NULL OR project_id = ANY($6))
 ORDER BY created_at DESC, id DESC LIMIT $5;

-- name: claim(worker, lease, now, limit)
UPDATE erasures SET leased_by = $1, leased_until = coalesce($3::timestamptz, now()) + $2::interval,
                    attempts = attempts + 1
 WHERE id IN (SELECT id FROM erasures
               WHERE status = 'running' AND (leased_until IS NULL OR leased_until <= coalesce($3::timestamptz, now()))
               ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING id, project_id, organization_id, environment, counts, done, attempts;

-- name: renew(worker, lease, now, ids)
UPDATE erasures SET leased_until = coalesce($3::timestamptz, now()) + $2::interval
 WHERE id = ANY($4::uuid[]) AND leased_by = $1 AND status = 'running'
RETURNING id;

-- name: release(worker, held)
UPDATE erasures SET leased_by = NULL, leased_until = NULL
 WHERE status = 'running' AND leased_by = $1 AND id <> ALL($2::uuid[]);

-- name: count_total(worker, id)
-- Once, before anything is removed. What the progress counts: content, posts and accounts.
UPDATE erasures e SET total = coalesce(e.total,
       (SELECT count(*) FROM content_containers WHERE project_id = e.project_id)
     + (SELECT count(*) FROM scheduled_posts WHERE project_id = e.project_id)
     + (SELECT count(*) FROM social_accounts WHERE project_id = e.project_id))
 WHERE id = $2 AND leased_by = $1 AND status = 'running' RETURNING true;

-- name: move(worker, id, done, counts)
-- In the transaction that removes what it counts. No row: another worker has the erasure.
UPDATE erasures SET done = $3, counts = $4 WHERE id = $2 AND leased_by = $1 AND status = 'running' RETURNING true;

-- name: retry(worker, id, error, now, after)
UPDATE erasures SET error = $3, leased_by = NULL, leased_until = coalesce($4::timestamptz, now()) + $5::interval
 WHERE id = $2 AND leased_by = $1 AND status = 'running';

-- name: finish(worker, id, counts, now)
UPDATE erasures SET status = 'done', project_name = NULL, counts = $3, error = NULL, total = done,
                    ended_at = coalesce($4::timestamptz, now()), leased_by = NULL, leased_until = NULL
 WHERE id = $2 AND leased_by = $1 AND status = 'running' RETURNING true;

-- name: erase_audit(project, objects)
SELECT erase_audit_details($1, $2);

-- Exports. ------------------------------------------------------------------------------------------------------------

-- name: stop_exports(project, now)
-- A worker that makes one loses its lease, and stores nothing more.
UPDATE exports SET status = 'failed', error = 'The project is being erased.', leased_by = NULL, leased_until = NULL,
                   ended_at = coalesce($2::timestamptz, now()), expires_at = coalesce($2::timestamptz, now())
 WHERE project_id = $1 AND status = 'running';

-- name: exports_of(project, limit)
SELECT id FROM exports WHERE project_id = $1 ORDER BY created_at, id LIMIT $2;

-- name: delete_exports(ids)
DELETE FROM exports WHERE id = ANY($1::uuid[]);

-- Stored replies of the last day, while the rows that they name are there. -------------------------------------------

-- name: callers_of(organization)
SELECT id FROM api_keys WHERE organization_id = $1 UNION SELECT id FROM users WHERE organization_id = $1
 ORDER BY id LIMIT 100000;

-- name: erase_replies(caller, after_route, after_key, project, limit)
-- Those that name something of the project in a member for an id; texts may contain anything, but there quotes are
-- escaped. A reply that is encrypted names nothing, and is deleted a day after it was stored, as all are. The reply of
-- the erasure itself, which has ids only, can be replayed until then.
WITH page AS MATERIALIZED (
    SELECT route, idempotency_key, encode(body, 'escape') AS body FROM idempotency_keys
     WHERE key_id = $1 AND (route, idempotency_key) > ($2, $3) AND route NOT LIKE 'DELETE /v1/projects/{projectId}%'
     ORDER BY route, idempotency_key LIMIT $5
), named AS MATERIALIZED (
    SELECT DISTINCT p.route, p.idempotency_key FROM page p
     CROSS JOIN LATERAL regexp_matches(p.body,
         '"\w*[iI]ds?"\s*:\s*\[?\s*"(?:[a-z]+_)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"', 'g') AS m(found)
     WHERE m.found[1]::uuid = $4
        OR EXISTS (SELECT FROM content_containers WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM scheduled_posts WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM social_accounts WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM recurrences WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM comments WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM saved_replies WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM snippets WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM queues WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM composer_drafts WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM page_links WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM layers WHERE id = m.found[1]::uuid AND project_id = $4)
        OR EXISTS (SELECT FROM webhook_endpoints WHERE id = m.found[1]::uuid AND project_id = $4)
), deleted AS (
    DELETE FROM idempotency_keys k USING named n
     WHERE k.key_id = $1 AND k.route = n.route AND k.idempotency_key = n.idempotency_key
    RETURNING 1
)
SELECT (SELECT count(*) FROM deleted) AS deleted, l.route, l.idempotency_key
  FROM (SELECT) AS one
  LEFT JOIN (SELECT route, idempotency_key FROM page ORDER BY route DESC, idempotency_key DESC LIMIT 1) l ON true;

-- Bulk jobs. ----------------------------------------------------------------------------------------------------------

-- name: bulk_jobs_of(organization, environment)
SELECT id FROM bulk_jobs WHERE organization_id = $1 AND environment = $2 ORDER BY id LIMIT 100000;

-- name: erase_bulk_items(bulk, project, limit)
WITH deleted AS (
    DELETE FROM bulk_items i
     WHERE i.bulk_id = $1 AND i.position IN (
           SELECT b.position FROM bulk_items b JOIN scheduled_posts p ON p.id = b.post_id
            WHERE b.bulk_id = $1 AND p.project_id = $2 ORDER BY b.position LIMIT $3)
    RETURNING 1
), counted AS (
    SELECT count(*) AS items FROM deleted
)
UPDATE bulk_jobs SET total = total - c.items::int FROM counted c WHERE id = $1 RETURNING c.items;

-- Accounts. -----------------------------------------------------------------------------------------------------------

-- name: forget_tokens(project, now, limit)
-- Returns the tokens as they were, for the platform's call.
WITH found AS (
    SELECT id, environment, platform, login, app_id, sealed_tokens FROM social_accounts
     WHERE project_id = $1 AND sealed_tokens IS NOT NULL ORDER BY id LIMIT $3 FOR UPDATE
)
UPDATE social_accounts a
   SET status = 'disconnected', sealed_tokens = NULL, tokens_version = tokens_version + 1, token_expires_at = NULL,
       refresh_due_at = NULL, refresh_leased_until = NULL, access_check_at = NULL,
       disconnected_at = coalesce(a.disconnected_at, $2), disconnected_reason = 'erased', updated_at = $2
  FROM found f WHERE a.id = f.id
RETURNING f.id, f.environment, f.platform, f.login, f.app_id, f.sealed_tokens;

-- name: lock_accounts(project, limit)
SELECT id, environment, platform, external_id FROM social_accounts
 WHERE project_id = $1 ORDER BY id LIMIT $2 FOR UPDATE;

-- name: delete_platform_notices(accounts)
-- What platforms reported about accounts that no other project has.
DELETE FROM platform_notices n USING social_accounts a
 WHERE a.id = ANY($1::uuid[]) AND n.platform = a.platform AND n.environment = a.environment
   AND n.external_account_id = a.external_id
   AND NOT EXISTS (SELECT FROM social_accounts o
                    WHERE o.platform = a.platform AND o.external_id = a.external_id AND o.environment = a.environment
                      AND o.project_id <> a.project_id);

-- name: delete_accounts(ids)
DELETE FROM social_accounts WHERE id = ANY($1::uuid[]);

-- Content with its posts. ---------------------------------------------------------------------------------------------

-- name: containers_of(project, limit)
SELECT c.id, coalesce((SELECT array_agg(a.id ORDER BY a.id) FROM media_assets a WHERE a.container_id = c.id), '{}')
       AS asset_ids
  FROM content_containers c WHERE c.project_id = $1 ORDER BY c.id LIMIT $2;

-- name: lock_containers(ids)
SELECT id FROM content_containers WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE;

-- name: lock_posts(containers, limit)
SELECT id FROM scheduled_posts WHERE container_id = ANY($1::uuid[]) ORDER BY id LIMIT $2 FOR UPDATE;

-- name: delete_timelines(posts)
DELETE FROM post_events WHERE post_id = ANY($1::uuid[]);

-- name: delete_follow_ups(posts)
DELETE FROM post_follow_ups WHERE post_id = ANY($1::uuid[]);

-- name: delete_live_changes(posts)
DELETE FROM live_changes WHERE post_id = ANY($1::uuid[]);

-- name: delete_insights(posts)
-- The last numbers and the times of reads go with the posts.
DELETE FROM post_insights WHERE post_id = ANY($1::uuid[]);

-- name: delete_grants(posts)
DELETE FROM media_grants WHERE post_id = ANY($1::uuid[]);

-- name: delete_posts(ids)
WITH priced AS (
    DELETE FROM post_costs WHERE post_id = ANY($1::uuid[])
)
DELETE FROM scheduled_posts WHERE id = ANY($1::uuid[]);

-- name: delete_upload_parts(containers)
DELETE FROM upload_parts WHERE asset_id IN (SELECT id FROM media_assets WHERE container_id = ANY($1::uuid[]));

-- name: delete_assets(containers)
DELETE FROM media_assets WHERE container_id = ANY($1::uuid[]);

-- name: delete_renditions(containers)
DELETE FROM media_renditions WHERE container_id = ANY($1::uuid[]);

-- name: delete_content_erasures(containers)
DELETE FROM content_erasures WHERE container_id = ANY($1::uuid[]);

-- name: delete_reviews(containers)
DELETE FROM content_reviews WHERE container_id = ANY($1::uuid[]);

-- name: delete_reminders(containers)
DELETE FROM content_reminders WHERE container_id = ANY($1::uuid[]);

-- name: delete_content_comments(containers)
DELETE FROM content_comments WHERE container_id = ANY($1::uuid[]);

-- name: delete_intents(containers)
DELETE FROM schedule_intents WHERE container_id = ANY($1::uuid[]);

-- name: delete_recurrences(containers)
-- With the occurrences that were made.
DELETE FROM recurrences WHERE container_id = ANY($1::uuid[]) RETURNING id;

-- name: delete_text_messages(containers)
DELETE FROM text_messages WHERE container_id = ANY($1::uuid[]);

-- name: delete_containers(ids)
DELETE FROM content_containers WHERE id = ANY($1::uuid[]);

-- What else a project has. --------------------------------------------------------------------------------------------

-- name: delete_drafts(project, limit)
DELETE FROM composer_drafts WHERE id IN (
    SELECT id FROM composer_drafts WHERE project_id = $1 ORDER BY id LIMIT $2);

-- name: lock_comments(project, limit)
SELECT id FROM comments WHERE project_id = $1 ORDER BY id LIMIT $2 FOR UPDATE;

-- name: delete_comments(ids)
-- With the calls about them: a worker that makes one loses its lease.
DELETE FROM comments WHERE id = ANY($1::uuid[]);

-- name: delete_comments_of_account(account)
-- The account's owner asked its platform to have their data deleted.
DELETE FROM comments WHERE social_account_id = $1;

-- name: delete_events_of_account(account)
-- Of which people are still to be notified. A worker that makes notices of the project's events now is waited for, so
-- that the next statement sees these.
WITH waiting AS (
    SELECT e.position, e.subject_id FROM notice_events e JOIN social_accounts a ON a.project_id = e.project_id
     WHERE a.id = $1 ORDER BY e.position FOR UPDATE OF e
)
DELETE FROM notice_events WHERE position IN (SELECT position FROM waiting WHERE subject_id = $1);

-- name: delete_notices_of_account(account)
-- About it and its posts, in whose titles it is named, with the messages that wait to be sent.
DELETE FROM notices n USING social_accounts a
 WHERE a.id = $1 AND n.project_id = a.project_id
   AND (n.subject_id = a.id
        OR EXISTS (SELECT FROM scheduled_posts p WHERE p.id = n.subject_id AND p.social_account_id = a.id));

-- name: lock_queues(project, limit)
SELECT id FROM queues WHERE project_id = $1 ORDER BY id LIMIT $2 FOR UPDATE;

-- name: delete_queues(ids)
-- With the slots that were held in them, whose posts are gone.
DELETE FROM queues WHERE id = ANY($1::uuid[]);

-- name: lock_saved_replies(project, limit)
SELECT id FROM saved_replies WHERE project_id = $1 ORDER BY created_at, id LIMIT $2 FOR UPDATE;

-- name: delete_saved_replies(ids)
DELETE FROM saved_replies WHERE id = ANY($1::uuid[]);

-- name: lock_snippets(project, limit)
SELECT id FROM snippets WHERE project_id = $1 ORDER BY created_at, id LIMIT $2 FOR UPDATE;

-- name: delete_snippets(ids)
DELETE FROM snippets WHERE id = ANY($1::uuid[]);

-- name: lock_links(project, limit)
SELECT id, CASE kind WHEN 'review_link' THEN 'rvl_' WHEN 'connect_link' THEN 'cnl_' WHEN 'portal_link' THEN 'ptl_'
                     ELSE 'tpl_' END || id AS object_id
  FROM page_links WHERE project_id = $1 ORDER BY id LIMIT $2 FOR UPDATE;

-- name: delete_links(ids)
-- With the visitors of review pages.
DELETE FROM page_links WHERE id = ANY($1::uuid[]);

-- name: lock_layers(project, limit)
SELECT id FROM layers WHERE project_id = $1 ORDER BY id LIMIT $2 FOR UPDATE;

-- name: delete_layers(ids)
DELETE FROM layers WHERE id = ANY($1::uuid[]);

-- name: delete_logins(project, limit)
DELETE FROM oauth_states WHERE state IN (
    SELECT state FROM oauth_states WHERE project_id = $1 ORDER BY state LIMIT $2);

-- name: lock_endpoints(project, limit)
SELECT id FROM webhook_endpoints WHERE project_id = $1 ORDER BY id LIMIT $2 FOR UPDATE;

-- name: delete_deliveries_of(endpoints, limit)
DELETE FROM webhook_deliveries WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM webhook_deliveries WHERE endpoint_id = ANY($1::uuid[]) LIMIT $2));

-- name: delete_endpoints(ids)
DELETE FROM webhook_endpoints WHERE id = ANY($1::uuid[]);

-- name: erase_deliveries(after, organization, project, limit)
-- The log of the endpoints of the whole organization: the next deliveries, and of those the ones about the project.
WITH page AS MATERIALIZED (
    SELECT id, organization_id, data FROM webhook_deliveries WHERE id > $1 ORDER BY id LIMIT $4
), deleted AS (
    DELETE FROM webhook_deliveries d USING page p
     WHERE d.id = p.id AND p.organization_id = $2 AND position($3::text IN p.data) > 0
       AND CASE WHEN is_json(p.data) THEN p.data::json ->> 'projectId' END = $3
    RETURNING 1
)
SELECT (SELECT count(*) FROM deleted) AS deleted, (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last_id;

-- name: erase_waiting_events(project)
-- Of which people are still to be notified. A worker that makes notices of them now is waited for, so that the next
-- statement sees these.
DELETE FROM notice_events WHERE project_id = $1;

-- name: erase_stream_events(organization, environment, project)
WITH waiting AS (
    DELETE FROM event_outbox WHERE project_id = $3
), noticed AS (
    DELETE FROM notices WHERE project_id = $3
), destinations AS (
    DELETE FROM notice_destinations d USING notice_channels c WHERE c.project_id = $3 AND d.id = c.id
), channels AS (
    DELETE FROM notice_channels WHERE project_id = $3
)
DELETE FROM stream_events WHERE organization_id = $1 AND environment = $2 AND project_id = $3;

-- name: lock_posts_left(project, limit)
-- Posts whose container is no more.
SELECT id FROM scheduled_posts WHERE project_id = $1 ORDER BY id LIMIT $2 FOR UPDATE;

-- name: delete_project(id)
WITH spent AS (
    DELETE FROM project_spending WHERE project_id = $1
)
DELETE FROM projects WHERE id = $1;
