-- name: document(post)
-- The JSON document of a post in responses and lists. Events contain the same fields (events/outbox.sql).
(SELECT row_to_json(d) FROM (SELECT
-- include: presswork.events document.sql fields({post})
       ) d)::text AS document

-- name: fields(post)
-- The only place that builds the fields of a post's document. schemas.ScheduledPost describes them for the OpenAPI
-- document; a test compares the two.
       'sp_' || {post}.id AS id, 'prj_' || {post}.project_id AS "projectId",
       'cnt_' || {post}.container_id AS "containerId", 'sa_' || {post}.social_account_id AS "socialAccountId",
       {post}.platform, {post}.mode, {post}.status,
       CASE WHEN {post}.is_held AND {post}.status = 'queued' THEN 'blocked_on_approval' END AS "gateStatus",
       {post}.external_id AS "externalId", {post}.external_url AS "externalUrl",
       CASE WHEN {post}.environment = 'test' THEN
-- include: presswork.events document.sql sandbox_url({post})
       END AS "sandboxUrl",
       to_char({post}.scheduled_for AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "scheduledFor",
       'que_' || {post}.queue_id AS "queueId",
       to_char({post}.slot_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "slotAt",
       to_char({post}.attempted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "attemptedAt",
       to_char({post}.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "publishedAt",
       to_char({post}.canceled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "canceledAt",
       {post}.last_error::json AS "lastError",
       {post}.caption_override AS "captionOverride", {post}.first_comment_override AS "firstCommentOverride",
-- include: presswork.platforms options.sql fields({post})
       , {post}.first_comment_status AS "firstCommentStatus",
       {post}.parts::json AS parts, {post}.thread_status AS "threadStatus", {post}.extras, {post}.revision,
       coalesce({post}.live_status, CASE {post}.status WHEN 'published' THEN 'live' END) AS "liveStatus",
       {post}.live_advice AS "liveAdvice", {post}.last_edit AS "lastEdit",
       'rec_' || {post}.recurrence_id AS "recurrenceId",
       to_char({post}.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
       to_char({post}.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"

-- name: sandbox_url(post)
-- The sandbox serves the pages of its posts under its own URL, with the platform's host as the first part of the path.
-- A link that a platform returns without a host is there already. Another provider than the sandbox's has links of its
-- own.
(SELECT CASE WHEN starts_with({post}.external_url, s.url || '/') THEN {post}.external_url
             ELSE s.url || substr({post}.external_url, length('https:/') + 1) END
   FROM sandbox_location s
  WHERE s.is_current
    AND ({post}.external_url LIKE 'https://%' OR starts_with({post}.external_url, s.url || '/'))
    AND ({post}.mode <> 'managed' OR {post}.platform_state::json #>> '{prepared,provider}' = 'sandbox')
  LIMIT 1)

-- name: document_with_context(post, now)
-- The same with what a list shows besides: the account, the caption, and why it waits. schemas.FoundPost describes it.
-- The thumbnail, or the picture of a link's card, is in a separate column, since its URL is signed (search.py).
(SELECT row_to_json(d) FROM (SELECT
-- include: presswork.events document.sql fields({post})
       , (SELECT json_build_object('handle', a.handle, 'displayName', a.display_name, 'avatarUrl', a.avatar_url,
                                   'status', a.status)
            FROM social_accounts a WHERE a.id = {post}.social_account_id LIMIT 1) AS account,
       coalesce({post}.caption_override, (
           SELECT k.caption FROM content_containers k WHERE k.id = {post}.container_id LIMIT 1)) AS caption,
-- include: presswork.events document.sql waiting({post}, {now})
       ) d)::text AS document,
coalesce((SELECT m.thumbnail_key FROM media_assets m WHERE m.container_id = {post}.container_id
           ORDER BY m.position LIMIT 1),
         (SELECT k.link::json #>> '{picture,object_key}' FROM content_containers k
           WHERE k.id = {post}.container_id AND k.status <> 'deleted' LIMIT 1)) AS thumbnail_key

-- name: waiting(post, now)
-- Why a post whose time has come is not out, or NULL. `now` is NULL in production: leases and due times are compared on
-- the database's clock.
       CASE WHEN {post}.status = 'queued' AND {post}.is_held
            THEN json_build_object('reason', 'approval', 'until', NULL, 'behind', NULL)
            WHEN {post}.status = 'publishing'
              OR ({post}.status = 'queued'
                  AND (coalesce({post}.due_at, {post}.run_at) <= coalesce({now}, now())
                       OR coalesce({post}.due_at, {post}.run_at) <= {post}.created_at))
            THEN
-- include: presswork.events document.sql wait({post}, coalesce({now}, now()))
       END AS waiting

-- name: wait(post, now)
-- Why a due post is not out: the wait of the post that holds its lane, which may be the post itself. The reasons are
-- those of model.WaitReason. A snoozed post has no worker and a lease that ends later; `outcomeUnknown` and
-- `keep_limit` are keys of worker/publish_attempt.py and worker/error_window.py.
(SELECT json_build_object('reason', r.reason,
            'until', to_char(CASE WHEN r.is_snoozed THEN h.leased_until END AT TIME ZONE 'UTC',
                             'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'behind', CASE WHEN h.id <> {post}.id THEN 'sp_' || h.id END)
   FROM (SELECT) AS one
   LEFT JOIN (SELECT id, mode, leased_by, leased_until, missing_since, live_call_at, live_at, platform_state
                FROM scheduled_posts WHERE lane = {post}.lane AND status = 'publishing' LIMIT 1) h ON true
  CROSS JOIN LATERAL (
       SELECT h.leased_until > {now} AS is_held, h.leased_by IS NULL AND h.leased_until > {now} AS is_snoozed,
              h.live_call_at IS NOT NULL AND h.live_at IS NULL AS is_called
       OFFSET 0) s
  CROSS JOIN LATERAL (
       SELECT s.is_snoozed,
              CASE WHEN s.is_held IS NOT TRUE THEN 'worker'
                   WHEN s.is_called AND coalesce((h.platform_state::json ->> 'outcomeUnknown')::boolean, EXISTS (
                        SELECT FROM post_events e
                         WHERE e.post_id = h.id AND e.event = 'reconciled' AND e.at >= h.live_call_at))
                   THEN 'outcome_unknown'
                   WHEN NOT s.is_snoozed THEN CASE WHEN h.id <> {post}.id THEN 'lane' END
                   WHEN h.missing_since IS NOT NULL THEN 'setting'
                   WHEN s.is_called THEN CASE h.mode WHEN 'managed' THEN 'provider' ELSE 'processing' END
                   WHEN h.platform_state::json #>> '{keep_limit,1}' = 'true' THEN 'rate_limit'
                   ELSE 'retry' END AS reason
       OFFSET 0) r
  WHERE r.reason IS NOT NULL)
