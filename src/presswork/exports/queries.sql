-- Exports: the job with its lease, and the documents that it writes, page by page. A page follows a key that never
-- changes, so that a row that is changed meanwhile is neither missed nor written twice. No page needs a transaction.

-- name: create(id, project, organization, environment, has_media, now)
-- No row: an export of the project is being made.
INSERT INTO exports AS e (id, project_id, organization_id, environment, has_media, status, created_at)
VALUES ($1, $2, $3, $4, $5, 'running', $6)
ON CONFLICT (project_id) WHERE status = 'running' DO NOTHING
RETURNING
-- include: presswork.exports columns.sql export(e)
;

-- name: find_running(project)
SELECT id FROM exports WHERE project_id = $1 AND status = 'running';

-- name: find(id, organization, environment)
SELECT
-- include: presswork.exports columns.sql export(e)
  FROM exports e WHERE id = $1 AND organization_id = $2 AND environment = $3;

-- name: list_exports(project, before_at, before_id, limit)
-- The newest first.
SELECT
-- include: presswork.exports columns.sql export(e)
  FROM exports e WHERE project_id = $1 AND (created_at, id) < ($2, $3)
 ORDER BY created_at DESC, id DESC LIMIT $4;

-- name: claim(worker, lease, now, limit)
UPDATE exports SET leased_by = $1, leased_until = coalesce($3::timestamptz, now()) + $2::interval,
                   attempts = attempts + 1
 WHERE id IN (SELECT id FROM exports
               WHERE status = 'running' AND (leased_until IS NULL OR leased_until <= coalesce($3::timestamptz, now()))
               ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING id, project_id, has_media, attempts, created_at;

-- name: renew(worker, lease, now, ids)
UPDATE exports SET leased_until = coalesce($3::timestamptz, now()) + $2::interval
 WHERE id = ANY($4::uuid[]) AND leased_by = $1 AND status = 'running'
RETURNING id;

-- name: release(worker, held)
-- A worker that stops made no attempt.
UPDATE exports SET leased_by = NULL, leased_until = NULL, attempts = attempts - 1
 WHERE status = 'running' AND leased_by = $1 AND id <> ALL($2::uuid[]);

-- name: move(worker, id, done, total)
-- No row: another worker has the export, or the project is being erased.
UPDATE exports SET done = $3, total = $4 WHERE id = $2 AND leased_by = $1 AND status = 'running' RETURNING true;

-- name: finish(worker, id, size_bytes, now, kept_for)
UPDATE exports SET status = 'done', size_bytes = $3, error = NULL, total = done, leased_by = NULL, leased_until = NULL,
                   ended_at = coalesce($4::timestamptz, now()),
                   expires_at = coalesce($4::timestamptz, now()) + $5::interval
 WHERE id = $2 AND leased_by = $1 AND status = 'running' RETURNING true;

-- name: retry(worker, id, error, now, after)
UPDATE exports SET error = $3, leased_by = NULL, leased_until = coalesce($4::timestamptz, now()) + $5::interval
 WHERE id = $2 AND leased_by = $1 AND status = 'running';

-- name: fail(worker, id, error, now, kept_for)
UPDATE exports SET status = 'failed', error = $3, leased_by = NULL, leased_until = NULL,
                   ended_at = coalesce($4::timestamptz, now()),
                   expires_at = coalesce($4::timestamptz, now()) + $5::interval
 WHERE id = $2 AND leased_by = $1 AND status = 'running';

-- name: expired(now, limit)
SELECT id FROM exports WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2;

-- name: delete(ids)
DELETE FROM exports WHERE id = ANY($1::uuid[]) AND status <> 'running';

-- name: find_archive(id, now)
-- The link of an export works until the export is deleted, whatever the link says.
SELECT p.name AS project_name, e.created_at FROM exports e JOIN projects p ON p.id = e.project_id
 WHERE e.id = $1 AND e.status = 'done' AND e.expires_at > $2;

-- name: count_rows(project, has_media)
-- plan: custom
-- Rows and files, and the bytes of the files.
SELECT (SELECT count(*) FROM content_containers WHERE project_id = $1)
     + (SELECT count(*) FROM scheduled_posts WHERE project_id = $1)
     + (SELECT count(*) FROM social_accounts WHERE project_id = $1) + m.files AS total, m.size_bytes
  FROM (SELECT count(*) AS files, coalesce(sum(a.size_bytes), 0)::bigint AS size_bytes
          FROM content_containers c JOIN media_assets a ON a.container_id = c.id
         WHERE c.project_id = $1 AND a.size_bytes IS NOT NULL AND $2) m;

-- name: organization(project)
SELECT organization_id FROM projects WHERE id = $1;

-- name: project(project)
SELECT j.id, json_build_object(
       'id', 'prj_' || j.id, 'organizationId', 'org_' || j.organization_id, 'environment', j.environment,
       'name', j.name, 'timezone', j.timezone, 'customerExternalId', j.customer_external_id, 'metadata', j.metadata,
       'profile', j.profile, 'branding', (j.branding - 'logo_key' - 'logo_type'), 'status', j.status,
       'variables', j.fill -> 'variables', 'utm', nullif(j.fill -> 'utm', 'null'),
       'budgets', (SELECT json_object_agg(b.platform, json_build_object('monthlyUsd', b.amount::float8 / 1000000)
                                          ORDER BY b.platform)
                     FROM jsonb_each_text(j.budgets) AS b(platform, amount)),
       'reviewPolicy', json_build_object('policy', j.review_policy, 'firstN', j.review_first_n,
                                         'covers', j.review_covers,
                                         'steps', (
           SELECT json_agg(json_build_object('name', s.step -> 'name', 'roles', s.step -> 'roles',
                                             'userIds', s.step -> 'user_ids', 'reviewLink', s.step -> 'review_link',
                                             'quorum', s.step -> 'quorum') ORDER BY s.place)
             FROM json_array_elements(j.review_steps::json) WITH ORDINALITY AS s(step, place)), 'reminder', (
           SELECT json_build_object('afterHours', r.document -> 'after_hours',
                                    'repeatHours', r.document -> 'repeat_hours')
             FROM (SELECT j.review_reminder::json AS document) r WHERE r.document IS NOT NULL)),
       'createdAt',
-- include: presswork.exports columns.sql instant(j.created_at)
       , 'updatedAt',
-- include: presswork.exports columns.sql instant(j.updated_at)
       , 'archivedAt',
-- include: presswork.exports columns.sql instant(j.archived_at)
       )::text AS document
  FROM projects j WHERE j.id = $1;

-- name: accounts(project, after, limit)
-- plan: custom
SELECT a.id, json_build_object(
       'id', 'sa_' || a.id, 'platform', a.platform, 'externalId', a.external_id, 'handle', a.handle,
       'displayName', a.display_name, 'avatarUrl', a.avatar_url, 'status', a.status, 'grantedScopes', a.scopes,
       'layerId', 'lay_' || a.layer_id, 'platformAppId', 'app_' || a.app_id,
       'disconnectedReason', a.disconnected_reason, 'connectedAt',
-- include: presswork.exports columns.sql instant(a.connected_at)
       , 'disconnectedAt',
-- include: presswork.exports columns.sql instant(a.disconnected_at)
       , 'createdAt',
-- include: presswork.exports columns.sql instant(a.created_at)
       )::text AS document
  FROM social_accounts a WHERE a.project_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3;

-- name: layers(project, after, limit)
-- plan: custom
SELECT l.id, json_build_object('id', 'lay_' || l.id, 'templateId', l.template_id, 'config', l.config, 'createdAt',
-- include: presswork.exports columns.sql instant(l.created_at)
       )::text AS document
  FROM layers l WHERE l.project_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3;

-- name: drafts(project, after, limit)
-- plan: custom
SELECT d.id, json_build_object('id', 'drf_' || d.id, 'body', d.body::json, 'revision', d.revision,
                               'updatedBy', d.updated_by, 'updatedByName', d.updated_by_name, 'createdAt',
-- include: presswork.exports columns.sql instant(d.created_at)
       , 'updatedAt',
-- include: presswork.exports columns.sql instant(d.updated_at)
       )::text AS document
  FROM composer_drafts d WHERE d.project_id = $1 AND d.id > $2 ORDER BY d.id LIMIT $3;

-- name: recurrences(project, after, limit)
-- plan: custom
SELECT r.id, json_build_object('id', 'rec_' || r.id, 'containerId', 'cnt_' || r.container_id, 'rule',
           json_build_object('every', r.every, 'unit', r.unit, 'weekdays', nullif(r.weekdays, '{}'),
                             'monthDay', r.month_day),
           'time', to_char(r.local_time, 'HH24:MI'), 'timezone', r.timezone, 'until',
-- include: presswork.exports columns.sql instant(r.until)
       , 'count', r.max_count, 'targets', r.targets::json, 'captions', r.captions, 'endedAt',
-- include: presswork.exports columns.sql instant(r.ended_at)
       , 'createdAt',
-- include: presswork.exports columns.sql instant(r.created_at)
       , 'updatedAt',
-- include: presswork.exports columns.sql instant(r.updated_at)
       )::text AS document
  FROM recurrences r WHERE r.project_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3;

-- name: queues(project, after, limit)
-- plan: custom
SELECT q.id, json_build_object('id', 'que_' || q.id, 'name', q.name, 'timezone', q.timezone, 'slots', q.slots,
       'socialAccountIds', (SELECT json_agg('sa_' || a.id) FROM unnest(q.account_ids) AS a(id)),
       'isDefault', q.is_default, 'jitterMinutes', q.jitter_minutes, 'refill', q.refill, 'pausedUntil',
-- include: presswork.exports columns.sql instant(q.paused_until)
       , 'createdAt',
-- include: presswork.exports columns.sql instant(q.created_at)
       , 'updatedAt',
-- include: presswork.exports columns.sql instant(q.updated_at)
       )::text AS document
  FROM queues q WHERE q.project_id = $1 AND q.id > $2 ORDER BY q.id LIMIT $3;

-- name: saved_replies(project, after, limit)
-- plan: custom
SELECT s.id, json_build_object('id', 'srp_' || s.id, 'name', s.name, 'text', s.text, 'createdAt',
-- include: presswork.exports columns.sql instant(s.created_at)
       , 'updatedAt',
-- include: presswork.exports columns.sql instant(s.updated_at)
       )::text AS document
  FROM saved_replies s WHERE s.project_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3;

-- name: snippets(project, after, limit)
-- plan: custom
SELECT s.id, json_build_object('id', 'snp_' || s.id, 'name', s.name, 'text', s.text, 'createdAt',
-- include: presswork.exports columns.sql instant(s.created_at)
       , 'updatedAt',
-- include: presswork.exports columns.sql instant(s.updated_at)
       )::text AS document
  FROM snippets s WHERE s.project_id = $1 AND s.id > $2 ORDER BY s.id LIMIT $3;

-- name: comments(project, after, limit)
-- plan: custom
SELECT c.id, json_build_object(
       'id', 'cmt_' || c.id, 'scheduledPostId', 'sp_' || c.post_id, 'socialAccountId', 'sa_' || c.social_account_id,
       'platform', c.platform, 'externalId', c.external_id, 'parentExternalId', c.parent_external_id,
       'replyTo', 'cmt_' || c.reply_to, 'author', c.author, 'text', c.text, 'own', c.is_own, 'hidden', c.is_hidden,
       'liked', c.is_liked, 'status', c.status, 'assigneeId', 'usr_' || c.assignee_id, 'note', c.note,
       'replyStatus', c.reply_status, 'error', c.error, 'createdAt',
-- include: presswork.exports columns.sql instant(c.created_at)
       , 'seenAt',
-- include: presswork.exports columns.sql instant(c.seen_at)
       , 'deletedAt',
-- include: presswork.exports columns.sql instant(c.deleted_at)
       )::text AS document
  FROM comments c WHERE c.project_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3;

-- name: links(project, after, limit)
-- plan: custom
-- The names that people gave at a review page are with the decisions.
SELECT l.id, json_build_object(
       'id', CASE l.kind WHEN 'review_link' THEN 'rvl_' WHEN 'connect_link' THEN 'cnl_' WHEN 'portal_link' THEN 'ptl_'
                         ELSE 'tpl_' END || l.id,
       'kind', l.kind, 'containerIds', (SELECT coalesce(json_agg('cnt_' || c), '[]') FROM unnest(l.container_ids) c),
       'recipientName', l.recipient_name, 'createdBy', coalesce('key_' || l.key_id, 'usr_' || l.user_id),
       'maxUses', l.max_uses, 'uses', l.uses, 'visits', l.visits, 'createdAt',
-- include: presswork.exports columns.sql instant(l.created_at)
       , 'expiresAt',
-- include: presswork.exports columns.sql instant(l.expires_at)
       , 'revokedAt',
-- include: presswork.exports columns.sql instant(l.revoked_at)
       , 'lastVisitedAt',
-- include: presswork.exports columns.sql instant(l.last_visited_at)
       )::text AS document
  FROM page_links l WHERE l.project_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3;

-- name: webhook_endpoints(project, after, limit)
-- plan: custom
-- Those of the project, without their secrets; those of the whole organization are not the customer's.
SELECT e.id, json_build_object(
       'id', 'whe_' || e.id, 'url', e.url, 'description', e.description, 'events', e.events, 'status', e.status,
       'createdAt',
-- include: presswork.exports columns.sql instant(e.created_at)
       )::text AS document
  FROM webhook_endpoints e WHERE e.project_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3;

-- name: channels(project, after, limit)
-- plan: custom
-- Those of the project's notices; of a URL, which is a secret, what the API shows.
SELECT c.id, json_build_object(
       'id', 'chn_' || c.id, 'kind', c.kind, 'target', c.shown_target, 'events', c.events, 'status', c.status,
       'createdAt',
-- include: presswork.exports columns.sql instant(c.created_at)
       )::text AS document
  FROM notice_channels c WHERE c.project_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3;

-- name: content(project, after, limit)
-- plan: custom
SELECT c.id, json_build_object(
       'id', 'cnt_' || c.id, 'status', c.status, 'approvalStatus', c.approval_status, 'mediaType', c.media_type,
       'caption', c.caption, 'firstComment', c.first_comment, 'labels', c.labels,
       'link', c.link::jsonb #- '{picture,object_key}',
       'parts', c.parts::json, 'revision', c.revision, 'decisionNote', c.decision_note,
       'decidedBy', coalesce('key_' || c.decided_by_key, 'usr_' || c.decided_by_user,
                             CASE WHEN c.decided_at_portal THEN 'ptl_' ELSE 'rvl_' END || c.decided_by_link),
       'reviewerName', c.reviewer_name, 'approvalSteps', (
           SELECT json_agg(json_build_object('name', s.step -> 'name', 'quorum', s.step -> 'quorum',
                                             'approvals', s.step -> 'approvals') ORDER BY s.place)
             FROM json_array_elements(c.review_steps::json) WITH ORDINALITY AS s(step, place)), 'decidedAt',
-- include: presswork.exports columns.sql instant(c.decided_at)
       , 'createdAt',
-- include: presswork.exports columns.sql instant(c.created_at)
       , 'updatedAt',
-- include: presswork.exports columns.sql instant(c.updated_at)
       , 'media', (SELECT coalesce(json_agg(json_build_object(
                   'id', 'ast_' || a.id, 'position', a.position, 'filename', a.filename, 'contentType', a.content_type,
                   'sizeBytes', a.size_bytes, 'sha256', a.sha256, 'width', a.width, 'height', a.height,
                   'durationSeconds', a.duration_ms / 1000.0, 'altText', a.alt_text) ORDER BY a.position), '[]')
                     FROM media_assets a WHERE a.container_id = c.id),
       'scheduleIntents', (SELECT coalesce(json_agg(json_build_object(
                   'id', 'int_' || i.id, 'targets', i.targets::json, 'scheduledFor',
-- include: presswork.exports columns.sql instant(i.scheduled_for)
                   ) ORDER BY i.created_at, i.id), '[]') FROM schedule_intents i WHERE i.container_id = c.id)
       )::text AS document
  FROM content_containers c WHERE c.project_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3;

-- name: container_ids(project, after, limit)
-- plan: custom
SELECT id FROM content_containers WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: reviews(containers, after_container, after_id, limit)
-- plan: custom
SELECT r.container_id, r.id, json_build_object(
       'containerId', 'cnt_' || r.container_id, 'decision', r.decision, 'note', r.note, 'revision', r.revision,
       'by', coalesce('key_' || r.by_key, 'usr_' || r.by_user,
                      CASE WHEN r.at_portal THEN 'ptl_' ELSE 'rvl_' END || r.by_link), 'byName', r.by_name,
       'step', r.step, 'at',
-- include: presswork.exports columns.sql instant(r.at)
       )::text AS document
  FROM content_reviews r
 WHERE r.container_id = ANY($1::uuid[]) AND (r.container_id, r.id) > ($2::uuid, $3::bigint)
 ORDER BY r.container_id, r.id LIMIT $4;

-- name: content_comments(containers, after_container, after_id, limit)
-- plan: custom
-- The discussion of content.
SELECT m.container_id, m.id, json_build_object(
       'id', 'cmn_' || m.id, 'containerId', 'cnt_' || m.container_id, 'text', m.text, 'visibility', m.visibility,
       'anchor', (
           SELECT json_build_object('assetId', 'ast_' || (a.place ->> 'asset_id'), 'x', a.place -> 'x',
                                    'y', a.place -> 'y', 'ms', a.place -> 'ms')
             FROM (SELECT m.anchor::json AS place) a WHERE m.anchor IS NOT NULL),
       'mentions', (SELECT coalesce(json_agg('usr_' || u.id ORDER BY u.place), '[]')
                      FROM unnest(m.mentions) WITH ORDINALITY AS u(id, place)),
        'author', m.author, 'authorName', m.author_name, 'createdAt',
-- include: presswork.exports columns.sql instant(m.created_at)
       , 'resolvedAt',
-- include: presswork.exports columns.sql instant(m.resolved_at)
       )::text AS document
  FROM content_comments m
 WHERE m.container_id = ANY($1::uuid[]) AND (m.container_id, m.id) > ($2::uuid, $3::uuid)
 ORDER BY m.container_id, m.id LIMIT $4;

-- name: account_insights(project, after, limit)
-- plan: custom
-- The numbers of accounts by day.
SELECT a.id, json_build_object(
       'socialAccountId', 'sa_' || a.id, 'platform', a.platform, 'days', (
           SELECT json_agg(json_build_object('date', k.day, 'followers', k.followers, 'views', k.views,
                                             'reach', k.reach) ORDER BY k.day)
             FROM account_insights k WHERE k.social_account_id = a.id))::text AS document
  FROM social_accounts a
 WHERE a.project_id = $1 AND a.id > $2 AND EXISTS (SELECT FROM account_insights k WHERE k.social_account_id = a.id)
 ORDER BY a.id LIMIT $3;

-- name: insights(containers, after_container, after_id, limit)
-- plan: custom
-- The numbers of posts, each time they were taken.
SELECT p.container_id, p.id, json_build_object(
       'postId', 'sp_' || p.id, 'platform', p.platform, 'readings', (
           SELECT coalesce(json_agg(json_build_object(
                      'metrics', json_build_object(
                          'views', h.views, 'reach', h.reach, 'likes', h.likes, 'comments', h.comments,
                          'shares', h.shares, 'saves', h.saves, 'clicks', h.clicks, 'watchSeconds', h.watch_seconds,
                          'averageWatchSeconds', h.average_watch_seconds, 'follows', h.follows),
                      'raw', h.raw, 'takenAt',
-- include: presswork.exports columns.sql instant(h.taken_at)
                      ) ORDER BY h.taken_at), '[]')
             FROM post_insights h WHERE h.post_id = p.id))::text AS document
  FROM (SELECT p.id, p.container_id, p.platform FROM scheduled_posts p
         WHERE p.container_id = ANY($1::uuid[]) AND (p.container_id, p.id) > ($2::uuid, $3::uuid)
           AND EXISTS (SELECT FROM post_insights_latest n WHERE n.post_id = p.id)
         ORDER BY p.container_id, p.id LIMIT $4) p
 ORDER BY p.container_id, p.id;

-- name: posts(containers, after_container, after_id, limit)
-- plan: custom
-- The documents are those of the API, each with its timeline.
SELECT p.container_id, p.id,
-- include: presswork.events document.sql document(p)
       , (SELECT coalesce(json_agg(json_build_object('event', e.event, 'message', e.message,
                                                     'detail', CASE WHEN is_json(e.detail) THEN e.detail::json END,
                                                     'at',
-- include: presswork.exports columns.sql instant(e.at)
                  ) ORDER BY e.id), '[]') FROM post_events e WHERE e.post_id = p.id)::text AS timeline
  FROM (SELECT * FROM scheduled_posts
         WHERE container_id = ANY($1::uuid[]) AND (container_id, id) > ($2::uuid, $3::uuid)
         ORDER BY container_id, id LIMIT $4) p
 ORDER BY p.container_id, p.id;

-- name: files(containers)
-- plan: custom
SELECT a.container_id, a.id, a.position, a.object_key, a.filename, a.content_type
  FROM media_assets a WHERE a.container_id = ANY($1::uuid[]) AND a.size_bytes IS NOT NULL
 ORDER BY a.container_id, a.position LIMIT 10000;

-- name: project_objects(project)
-- plan: custom
-- The ids of what the project has besides content and posts, as the audit log names them.
SELECT 'prj_' || $1::uuid AS object_id
UNION ALL SELECT 'sa_' || id FROM social_accounts WHERE project_id = $1
UNION ALL SELECT 'lay_' || id FROM layers WHERE project_id = $1
UNION ALL SELECT 'whe_' || id FROM webhook_endpoints WHERE project_id = $1
UNION ALL SELECT 'chn_' || id FROM notice_channels WHERE project_id = $1
UNION ALL SELECT CASE kind WHEN 'review_link' THEN 'rvl_' WHEN 'connect_link' THEN 'cnl_' WHEN 'portal_link' THEN 'ptl_'
                           ELSE 'tpl_' END || id
            FROM page_links WHERE project_id = $1
 ORDER BY 1 LIMIT 100000;

-- name: content_objects(containers, after_container, after_id, limit)
-- plan: custom
SELECT p.container_id, p.id, 'sp_' || p.id AS object_id FROM scheduled_posts p
 WHERE p.container_id = ANY($1::uuid[]) AND (p.container_id, p.id) > ($2::uuid, $3::uuid)
 ORDER BY p.container_id, p.id LIMIT $4;

-- name: audit(objects, organization, after_object, after_at, after_id, limit)
-- plan: custom
SELECT a.object_id, a.at, a.id, json_build_object(
       'id', 'aud_' || a.id, 'action', a.action, 'actor', a.actor, 'actorName', a.actor_name,
       'by', coalesce('key_' || a.key_id, 'usr_' || a.user_id), 'objectId', a.object_id, 'requestId', a.request_id,
       'detail', CASE WHEN is_json(a.detail) THEN a.detail::json END, 'at',
-- include: presswork.exports columns.sql instant(a.at)
       )::text AS document
  FROM audit_log a
 WHERE a.object_id = ANY($1::text[]) AND a.organization_id = $2
   AND (a.object_id, a.at, a.id) > ($3::text, $4::timestamptz, $5::uuid)
 ORDER BY a.object_id, a.at, a.id LIMIT $6;
