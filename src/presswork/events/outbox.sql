-- name: post_changed(of, at)
-- Write events about posts that a statement has changed: `of` is its CTE with each row as `post`, `at` the instant of
-- the change. Include this (see db/queries.py) in every statement that writes a post's status. Without subscribed
-- endpoints, an event stream and people who are notified it costs one index lookup. The data is the post's document
-- (events/document.sql) with the organization, and with the id under a second name, for clients of services that use
-- only that one.
-- include: presswork.events outbox.sql post_occurrences({of})
-- include: presswork.events outbox.sql listeners()
-- include: presswork.events outbox.sql post_events({at})

-- name: posts_changed(of, at)
-- The same for posts of one organization whose listeners the statement has looked up before (listeners_of).
-- include: presswork.events outbox.sql post_occurrences({of})
-- include: presswork.events outbox.sql post_events({at})

-- name: post_ended(of, at)
-- The same for posts that may have a second event: threads which ended early, which are published, and posts of which
-- it is not known whether they are live.
occurrence AS NOT MATERIALIZED (
    SELECT e.type, (post).id AS subject_id, (post).organization_id, (post).environment, (post).project_id, post AS row
      FROM {of} CROSS JOIN LATERAL (
           SELECT 'post.' || (post).status AS type
           UNION ALL
           SELECT 'post.partial' WHERE (post).thread_status IN ('partial', 'unknown')
           UNION ALL
           SELECT 'post.outcome_unknown'
            WHERE (post).thread_status = 'unknown'
               OR ((post).status = 'failed' AND (post).last_error::json ->> 'code' = 'OUTCOME_UNKNOWN')) e
),
-- include: presswork.events outbox.sql listeners()
-- include: presswork.events outbox.sql post_events({at})

-- name: live_changed(of, at, type)
-- The same for published posts that were taken down or changed: an event of that type.
occurrence AS NOT MATERIALIZED (
    SELECT {type} AS type, (post).id AS subject_id, (post).organization_id, (post).environment, (post).project_id,
           post AS row
      FROM {of}
),
-- include: presswork.events outbox.sql listeners()
-- include: presswork.events outbox.sql post_events({at})

-- name: post_occurrences(of)
-- Part of `post_changed` and `posts_changed`.
occurrence AS NOT MATERIALIZED (
    SELECT CASE (post).status WHEN 'queued' THEN 'post.scheduled' WHEN 'publishing' THEN 'post.publishing'
                              WHEN 'published' THEN 'post.published' WHEN 'draft' THEN 'post.drafted'
                              WHEN 'failed' THEN 'post.failed' WHEN 'canceled' THEN 'post.canceled' END AS type,
           (post).id AS subject_id, (post).organization_id, (post).environment, (post).project_id, post AS row
      FROM {of}
),

-- name: post_events(at)
-- Part of the statements above.
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           (SELECT row_to_json(d) FROM (SELECT 'org_' || o.organization_id AS "organizationId",
                                               'sp_' || o.subject_id AS "scheduledPostId",
-- include: presswork.events document.sql fields((o.row))
           ) d)::text AS data
-- include: presswork.events outbox.sql outgoing({at})

-- name: content_changed(of, at, what)
-- The same for containers that wait for a decision, got one, or were deleted, each row as `container`; `what` is the
-- part of the event's type after "content.". The data is the response of `GET /v1/content/{containerId}`, without the
-- media, whose URLs would expire.
occurrence AS NOT MATERIALIZED (
    SELECT 'content.' || {what} AS type, (container).id AS subject_id, (container).organization_id,
           (container).environment, (container).project_id, container AS row
      FROM {of}
),
-- include: presswork.events outbox.sql listeners()
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           json_build_object(
               'id', 'cnt_' || o.subject_id, 'projectId', 'prj_' || o.project_id, 'organizationId', 'org_'
               || o.organization_id,
               'status', (o.row).status, 'approvalStatus', (o.row).approval_status,
               'approvedAt', CASE (o.row).approval_status WHEN 'approved'
               THEN to_char((o.row).decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
               'approvedBy', CASE (o.row).approval_status WHEN 'approved'
               THEN coalesce('key_' || (o.row).decided_by_key, 'usr_' || (o.row).decided_by_user,
                             CASE WHEN (o.row).decided_at_portal THEN 'ptl_' ELSE 'rvl_' END
                             || (o.row).decided_by_link) END,
               'rejectedAt', CASE (o.row).approval_status WHEN 'rejected'
               THEN to_char((o.row).decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
               'rejectedBy', CASE (o.row).approval_status WHEN 'rejected'
               THEN coalesce('key_' || (o.row).decided_by_key, 'usr_' || (o.row).decided_by_user,
                             CASE WHEN (o.row).decided_at_portal THEN 'ptl_' ELSE 'rvl_' END
                             || (o.row).decided_by_link) END,
               'reviewNote', (o.row).decision_note, 'reviewerName', (o.row).reviewer_name,
               'approvalCovers', CASE WHEN (o.row).is_covered THEN 'content_and_text' ELSE 'content' END,
               'revision', (o.row).revision,
               'currentStep', CASE (o.row).approval_status WHEN 'pending'
               THEN (o.row).review_steps::json -> (o.row).done_steps::int ->> 'name' END,
               'steps', CASE WHEN (o.row).review_steps IS NULL THEN '[]'::json ELSE (
                   SELECT json_agg(json_build_object('name', s.step -> 'name',
                              'status', CASE WHEN s.place <= (o.row).done_steps THEN 'done'
                                             WHEN s.place = (o.row).done_steps + 1
                                              AND (o.row).approval_status = 'pending' THEN 'current'
                                             ELSE 'waiting' END,
                              'quorum', s.step -> 'quorum', 'approvals', s.step -> 'approvals') ORDER BY s.place)
                     FROM json_array_elements((o.row).review_steps::json) WITH ORDINALITY AS s(step, place)) END,
               'reviewUrl', CASE o.type WHEN 'content.pending' THEN (o.row).event_link END,
               'mediaType', (o.row).media_type, 'caption', (o.row).caption, 'text', (o.row).caption,
               'link', CASE WHEN (o.row).link IS NOT NULL THEN (
                   SELECT json_build_object('url', l.card ->> 'url', 'title', l.card ->> 'title',
                                            'description', l.card ->> 'description',
                                            'imageUrl', l.card ->> 'image_url')
                     FROM (SELECT (o.row).link::json AS card) l) END,
               'parts', CASE WHEN (o.row).parts IS NOT NULL THEN (
                   SELECT json_agg(json_build_object('text', p.part ->> 'text') ORDER BY p.place)
                     FROM json_array_elements((o.row).parts::json) WITH ORDINALITY AS p(part, place)) END,
               'firstComment', (o.row).first_comment, 'labels', to_json((o.row).labels),
               'createdAt', to_char((o.row).created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'updatedAt', to_char((o.row).updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'deletedAt', to_char((o.row).deleted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'erasedAt', to_char((o.row).erased_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'mediaRemovedAt', to_char((o.row).media_removed_at AT TIME ZONE 'UTC',
                                         'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text AS data
-- include: presswork.events outbox.sql outgoing({at})

-- name: draft_changed(of, at, by, by_name, deleted_at)
-- The same for drafts of composers, each row as `draft`. The data says which draft has which revision, and not what it
-- has: a client that shows it reads it.
occurrence AS NOT MATERIALIZED (
    SELECT 'draft.changed' AS type, (draft).id AS subject_id, (draft).organization_id, (draft).environment,
           (draft).project_id, draft AS row
      FROM {of}
),
-- include: presswork.events outbox.sql listeners()
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           json_build_object(
               'draftId', 'drf_' || o.subject_id, 'projectId', 'prj_' || o.project_id, 'organizationId', 'org_'
               || o.organization_id,
               'revision', (o.row).revision, 'updatedBy', {by}, 'updatedByName', {by_name},
               'updatedAt', to_char({at}::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'deletedAt', to_char({deleted_at}::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
           )::text AS data
-- include: presswork.events outbox.sql outgoing({at})

-- name: content_discussed(of, at)
-- The same for comments on content, each row as `comment` with the type of its event. The data is the comment as the
-- API shows it; the object of the event is the content, with whose texts the comment is erased.
occurrence AS NOT MATERIALIZED (
    SELECT type, (comment).container_id AS subject_id, (comment).organization_id, (comment).environment,
           (comment).project_id, comment AS row
      FROM {of}
),
-- include: presswork.events outbox.sql listeners()
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           json_build_object(
               'id', 'cmn_' || (o.row).id, 'containerId', 'cnt_' || o.subject_id, 'projectId', 'prj_' || o.project_id,
               'organizationId', 'org_' || o.organization_id, 'text', (o.row).text,
               'visibility', (o.row).visibility,
               'anchor', CASE WHEN (o.row).anchor IS NOT NULL THEN (
                   SELECT json_build_object('assetId', 'ast_' || (a.place ->> 'asset_id'), 'x', a.place -> 'x',
                                            'y', a.place -> 'y', 'ms', a.place -> 'ms')
                     FROM (SELECT (o.row).anchor::json AS place) a) END,
               'mentions', (SELECT coalesce(json_agg('usr_' || m.id ORDER BY m.place), '[]'::json)
                              FROM unnest((o.row).mentions) WITH ORDINALITY AS m(id, place)),
               'author', json_build_object('kind', CASE left((o.row).author, 4) WHEN 'key_' THEN 'api_key'
                                                   WHEN 'usr_' THEN 'user' ELSE 'review_link' END,
                                           'id', (o.row).author, 'name', (o.row).author_name),
               'createdAt', to_char((o.row).created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'resolvedAt', NULL)::text AS data
-- include: presswork.events outbox.sql outgoing({at})

-- name: comment_changed(of, at, type)
-- The same for comments, each row as `comment`: an event of that type. The data is the comment as the API shows it,
-- without what depends on more than its row (its actions, its post and its parent's id).
occurrence AS NOT MATERIALIZED (
    SELECT {type} AS type, (comment).id AS subject_id, (comment).organization_id, (comment).environment,
           (comment).project_id, comment AS row
      FROM {of}
),
-- include: presswork.events outbox.sql listeners()
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           json_build_object(
               'id', 'cmt_' || o.subject_id, 'projectId', 'prj_' || o.project_id, 'organizationId', 'org_'
               || o.organization_id,
               'scheduledPostId', 'sp_' || (o.row).post_id, 'socialAccountId', 'sa_' || (o.row).social_account_id,
               'platform', (o.row).platform, 'externalId', (o.row).external_id,
               'parentExternalId', (o.row).parent_external_id, 'replyTo', 'cmt_' || (o.row).reply_to,
               'author', (o.row).author, 'text', (o.row).text, 'own', (o.row).is_own, 'hidden', (o.row).is_hidden,
               'liked', (o.row).is_liked, 'status', (o.row).status, 'assigneeId', 'usr_' || (o.row).assignee_id,
               'replyStatus', (o.row).reply_status, 'error', (o.row).error,
               'createdAt', to_char((o.row).created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
           )::text AS data
-- include: presswork.events outbox.sql outgoing({at})

-- name: insights_taken(of, at)
-- The same for the numbers of posts, each row of the last numbers as `numbers`. The data is the response of
-- `GET /v1/scheduled-posts/{postId}/insights`, without the platform's own names and without the next time.
occurrence AS NOT MATERIALIZED (
    SELECT 'post.insights' AS type, (numbers).post_id AS subject_id, (numbers).organization_id, (numbers).environment,
           (numbers).project_id, numbers AS row
      FROM {of}
),
-- include: presswork.events outbox.sql listeners()
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           json_build_object(
               'postId', 'sp_' || o.subject_id, 'scheduledPostId', 'sp_' || o.subject_id, 'projectId', 'prj_'
               || o.project_id, 'organizationId', 'org_' || o.organization_id,
               'containerId', 'cnt_' || (o.row).container_id, 'socialAccountId', 'sa_' || (o.row).social_account_id,
               'platform', (o.row).platform,
               'takenAt', to_char((o.row).taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'metrics', json_build_object(
                   'views', (o.row).views, 'reach', (o.row).reach, 'likes', (o.row).likes,
                   'comments', (o.row).comments, 'shares', (o.row).shares, 'saves', (o.row).saves,
                   'clicks', (o.row).clicks, 'watchSeconds', (o.row).watch_seconds,
                   'averageWatchSeconds', (o.row).average_watch_seconds, 'follows', (o.row).follows),
               'unavailable', (
                   SELECT coalesce(json_agg(json_build_object(
                              'metric', u.metric, 'reason', u.reason,
                              'permissions', CASE u.reason WHEN 'not_granted' THEN to_json((o.row).missing_scopes)
                                             ELSE '[]' END)
                              ORDER BY array_position(ARRAY['views', 'reach', 'likes', 'comments', 'shares', 'saves',
                                                            'clicks', 'watchSeconds', 'averageWatchSeconds', 'follows'],
                                                      u.metric)), '[]')
                     FROM jsonb_each_text((o.row).unavailable) AS u(metric, reason)))::text AS data
-- include: presswork.events outbox.sql outgoing({at})

-- name: account_changed(of, at)
-- The same for social accounts whose status was written, each row as `account`. The data is an item of the list of
-- accounts, without readiness and layer, which depend on more than the account.
occurrence AS NOT MATERIALIZED (
    SELECT CASE (account).status WHEN 'connected' THEN 'social_account.connected' WHEN 'reauth_required'
           THEN 'social_account.needs_reauth'
                                 WHEN 'disconnected' THEN 'social_account.revoked' END AS type,
           (account).id AS subject_id, (account).organization_id, (account).environment, (account).project_id,
           account AS row
      FROM {of}
),
-- include: presswork.events outbox.sql listeners()
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           json_build_object(
-- include: presswork.events outbox.sql account_fields()
           )::text AS data
-- include: presswork.events outbox.sql outgoing({at})

-- name: account_fields()
-- Part of the statements about accounts.
               'socialAccountId', 'sa_' || o.subject_id, 'projectId', 'prj_' || o.project_id, 'organizationId', 'org_'
               || o.organization_id,
               'platform', (o.row).platform, 'login', (o.row).login, 'handle', (o.row).handle,
               'displayName', (o.row).display_name, 'avatarUrl', (o.row).avatar_url, 'status', (o.row).status,
               'connectedAt', to_char((o.row).connected_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'tokenExpiresAt', to_char((o.row).token_expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'disconnectedAt', to_char((o.row).disconnected_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               'disconnectedReason', (o.row).disconnected_reason,
               'connectLinkId', 'cnl_' || (o.row).connect_link_id

-- name: token_expiring(of, at)
-- The same for accounts whose tokens end soon, each row as `account` with the days that are left.
occurrence AS NOT MATERIALIZED (
    SELECT 'social_account.token_expiring' AS type, (account).id AS subject_id, (account).organization_id,
           (account).environment, (account).project_id, account AS row, days
      FROM {of}
),
-- include: presswork.events outbox.sql listeners()
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           json_build_object(
-- include: presswork.events outbox.sql account_fields()
               , 'daysLeft', o.days)::text AS data
-- include: presswork.events outbox.sql outgoing({at})

-- name: stated(of, at, type)
-- The same for what is about no post, content or account: `of` has the id of the subject and the data, as JSON text.
occurrence AS NOT MATERIALIZED (
    SELECT {type} AS type, subject_id, organization_id, environment, project_id, data FROM {of}
),
-- include: presswork.events outbox.sql listeners()
event AS MATERIALIZED (
    SELECT
-- include: presswork.events outbox.sql envelope({at})
           o.data
-- include: presswork.events outbox.sql outgoing({at})

-- name: listeners()
-- Part of the statements above: the endpoints that may be subscribed, paused ones included, the event stream, and the
-- people who are notified.
listener AS MATERIALIZED (
    SELECT e.id, e.organization_id, e.environment, e.project_id, e.events, e.is_stream, e.is_for_people
      FROM (SELECT DISTINCT organization_id, environment FROM occurrence) t
     CROSS JOIN LATERAL (
           SELECT id, organization_id, environment, project_id, events, is_stream, is_for_people
             FROM event_listeners
            WHERE organization_id = t.organization_id AND environment = t.environment
            ORDER BY id LIMIT 1000) e
),

-- name: listeners_of(organization, environment)
-- The same for new posts of one organization and environment, known beforehand: people are not notified of them.
listener AS MATERIALIZED (
    SELECT id, organization_id, environment, project_id, events, is_stream, is_for_people FROM event_listeners
     WHERE organization_id = {organization} AND environment = {environment} AND NOT is_for_people
     ORDER BY id LIMIT 1000
),

-- name: envelope(at)
-- Part of the statements above. A time-ordered random id: a v7 UUID, or a ULID as text.
           overlay(replace(gen_random_uuid()::text, '-', '') PLACING lpad(to_hex((extract(epoch
                  FROM {at}::timestamptz) * 1000)::bigint), 12, '0') || '7' FROM 1 FOR 13)::uuid AS event_id,
           o.type, o.subject_id, o.organization_id, o.environment, o.project_id,

-- name: outgoing(at)
-- Part of the statements above: insert a delivery for each subscribed endpoint, and the event itself for a stream and
-- for people.
      FROM occurrence o
     WHERE EXISTS (SELECT FROM listener l
                    WHERE l.organization_id = o.organization_id AND l.environment = o.environment
                      AND (l.is_stream OR o.type = ANY(l.events))
                      AND (l.project_id IS NULL OR l.project_id = o.project_id))
), outgoing AS (
    INSERT INTO webhook_deliveries (id, endpoint_id, organization_id, environment, event_id, event_type, subject_id,
                                    occurred_at,
                                    data, status, due_at, created_at)
    SELECT overlay(replace(gen_random_uuid()::text, '-', '') PLACING lpad(to_hex((extract(epoch
           FROM {at}::timestamptz) * 1000)::bigint), 12, '0') || '7' FROM 1 FOR 13)::uuid,
           l.id, o.organization_id, o.environment, o.event_id, o.type, o.subject_id, {at}::timestamptz, o.data,
           'pending', '-infinity',
           {at}::timestamptz
      FROM event o JOIN listener l ON l.organization_id = o.organization_id AND l.environment = o.environment
       AND o.type = ANY(l.events) AND (l.project_id IS NULL OR l.project_id = o.project_id)
       AND NOT l.is_for_people
)
, streamed AS (
    INSERT INTO event_outbox (organization_id, environment, project_id, event_id, event_type, occurred_at, data)
    SELECT o.organization_id, o.environment, o.project_id, o.event_id, o.type, {at}::timestamptz, o.data
      FROM event o JOIN listener l ON l.is_stream AND l.organization_id = o.organization_id
       AND l.environment = o.environment
)
, noticed AS (
    INSERT INTO notice_events (organization_id, environment, project_id, event_id, event_type, subject_id, occurred_at,
                               data)
    SELECT o.organization_id, o.environment, o.project_id, o.event_id, o.type, o.subject_id, {at}::timestamptz, o.data
      FROM event o JOIN listener l ON l.is_for_people AND l.organization_id = o.organization_id
       AND l.environment = o.environment AND o.type = ANY(l.events)
)
