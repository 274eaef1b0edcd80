-- name: document(post)
-- The JSON document of a post in responses and lists. Events contain the same fields (webhooks/outbox.sql).
(SELECT row_to_json(d) FROM (SELECT
-- include: presswork.posts document.sql fields({post})
       ) d)::text AS document

-- name: fields(post)
-- The only place that builds the fields of a post's document. schemas.ScheduledPost describes them for the OpenAPI
-- document; a test compares the two.
       'sp_' || {post}.id AS id, 'prj_' || {post}.project_id AS "projectId",
       'cnt_' || {post}.container_id AS "containerId", 'sa_' || {post}.social_account_id AS "socialAccountId",
       {post}.platform, {post}.mode, {post}.status,
       CASE WHEN {post}.is_held AND {post}.status = 'queued' THEN 'blocked_on_approval' END AS "gateStatus",
       {post}.external_id AS "externalId", {post}.external_url AS "externalUrl",
       to_char({post}.scheduled_for AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "scheduledFor",
       to_char({post}.attempted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "attemptedAt",
       to_char({post}.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "publishedAt",
       to_char({post}.canceled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "canceledAt",
       {post}.last_error::json AS "lastError",
       {post}.caption_override AS "captionOverride", {post}.first_comment_override AS "firstCommentOverride",
       {post}.options::json -> 'tiktokPostSettings' AS "tiktokPostSettings",
       {post}.options::json -> 'tiktokMusic' AS "tiktokMusic",
       {post}.options::json -> 'instagramPostSettings' AS "instagramPostSettings",
       ({post}.options::json ->> 'shareReelToFeed')::boolean AS "shareReelToFeed",
       {post}.first_comment_status AS "firstCommentStatus",
       to_char({post}.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
       to_char({post}.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"
