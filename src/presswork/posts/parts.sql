-- name: has_operator_phone(organization, environment)
-- Whether there is a verified phone number for drafts by SMS. One verified in `live` counts in both environments.
EXISTS (SELECT FROM operators WHERE organization_id = {organization} AND is_primary
   AND CASE WHEN {environment}::text = 'test' AND has_test_phone THEN test_phone_verified_at IS NOT NULL
            ELSE phone_verified_in IN ('live', {environment}::text) END)

-- name: probed_media(container)
-- The media of a container in order, as preflight and the warnings of publishing read them.
SELECT json_agg(json_build_object('asset_id', m.id, 'probe', m.probe::json, 'alt_text', m.alt_text) ORDER BY m.position)
  FROM media_assets m WHERE m.container_id = {container} AND m.probe IS NOT NULL

-- name: spent(project, month, when)
-- What a project has spent in a month, by platform; held costs included.
SELECT json_object_agg(s.platform, s.amount) FROM project_spending s
 WHERE s.project_id = {project} AND s.month = {month} AND {when}

-- name: targets()
-- The targets of a publish call with their accounts, and what the platforms offer on the channels that they use. This
-- and the following parts belong to publish.sql: they use its arguments and a CTE `container`.
target AS MATERIALIZED (
    -- One lookup per target, used by the checks and by the rows. LIMIT 1 forces the primary key: the plan is cached,
    -- and one made while a table is small would read the whole table later.
    SELECT t.post_id, t.mode, t.extras ->> 'caption' AS caption, t.extras ->> 'first_comment' AS first_comment,
           t.extras ->> 'options' AS options, t.extras -> 'conditions' AS conditions,
           coalesce(t.extras -> 'conditions' -> 'words' ->> a.platform, '') AS words,
           a.id AS account_id, a.project_id, a.platform, a.login, a.status, a.scopes, a.reduced_privacy, a.app_id,
           a.login || ' ' || t.mode AS channel,
           -- Only `managed` needs it. Must agree with accounts.model.managed_not_ready.
           CASE WHEN t.mode = 'managed' THEN coalesce((
               SELECT CASE WHEN l.template_id <> 'af058068-ad85-4fb8-92a1-f531b40bfcbc' THEN 'no_managed_layer'
                           WHEN ($3::text = 'test' AND l.provider = 'sandbox')
                                OR EXISTS (SELECT FROM providers v WHERE v.environment = $3 AND v.name = l.provider)
                           THEN 'ready'
                           ELSE 'no_managed_provider' END
                 FROM layers l WHERE l.id = a.layer_id LIMIT 1), 'no_managed_layer')
           ELSE 'ready' END AS managed
      FROM (SELECT u.post_id, u.account_id, u.mode, u.extras::jsonb AS extras
              FROM unnest($7::uuid[], $8::uuid[], $9::text[], $10::text[]) AS u(post_id, account_id, mode, extras)
            OFFSET 0) t
      LEFT JOIN LATERAL (
           SELECT s.id, s.project_id, s.platform, s.login, s.status, s.scopes, s.layer_id,
                  s.reduced_privacy, s.app_id
             FROM social_accounts s
            WHERE s.id = t.account_id AND s.organization_id = $2 AND s.environment = $3 LIMIT 1) a ON true
), offer AS MATERIALIZED (
    -- The bounds for this kind of content, and whether the content exceeds them. A null bound is never exceeded.
    SELECT d.channel, b.has_own_lane, b.has_music, b.needs_phone, b.has_threads, b.needs_app, b.is_priced, b.scopes,
           b.characters, b.hashtags, b.mentions, b.comment_characters,
           (char_length(c.caption) > b.characters
               OR char_length(c.caption) - char_length(replace(c.caption, '#', '')) > b.hashtags
               OR char_length(c.caption) - char_length(replace(c.caption, '@', '')) > b.mentions
               OR m.is_unmeasured OR m.items > b.items OR m.ratio_min < b.ratio_min OR m.ratio_max > b.ratio_max
               OR m.side_min < b.side_min OR m.side_max > b.side_max
               OR m.duration_min < b.duration_min OR m.duration_max > b.duration_max
               OR m.video_bytes > b.video_bytes) IS TRUE AS is_exceeded
      FROM container c
     CROSS JOIN LATERAL (
           SELECT min(a.width::float8 / a.height) AS ratio_min, max(a.width::float8 / a.height) AS ratio_max,
                  min(least(a.width, a.height)) AS side_min, max(greatest(a.width, a.height)) AS side_max,
                  min(a.duration_ms) AS duration_min, max(a.duration_ms) AS duration_max,
                  max(a.size_bytes) FILTER (WHERE a.duration_ms IS NOT NULL) AS video_bytes,
                  count(*) AS items, count(*) > count(a.width) AS is_unmeasured
             FROM media_assets a WHERE a.container_id = $4) m
     CROSS JOIN (SELECT DISTINCT channel FROM target) d
     CROSS JOIN LATERAL jsonb_to_record({offers} -> c.media_type -> d.channel)
        AS b(has_own_lane boolean, has_music boolean, needs_phone boolean, has_threads boolean, needs_app boolean,
             is_priced boolean, scopes text[],
             characters int, hashtags int, mentions int, comment_characters int, items int, ratio_min float8,
             ratio_max float8, side_min int, side_max int, duration_min int, duration_max int,
             video_bytes bigint)
     WHERE b.scopes IS NOT NULL
)

-- name: fits(t, o, c)
-- Whether a target with its offer can be published. A target without an offer can't.
           {t}.project_id = {c}.project_id AND {t}.status = 'connected' AND {t}.managed = 'ready'
       AND {o}.scopes <@ {t}.scopes AND ({o}.needs_app IS NULL OR {t}.app_id IS NOT NULL)
       AND ({t}.conditions IS NULL OR (
           ({t}.conditions -> 'unfit' ? ({t}.platform || ' ' || {c}.media_type)) IS NOT TRUE
           AND ({t}.conditions -> 'textless' ? {t}.platform
                AND (coalesce({t}.caption, {c}.caption) <> '' OR coalesce({t}.first_comment, {c}.first_comment) <> '')
               ) IS NOT TRUE
           AND ({t}.conditions -> 'track' IS NULL OR NOT {o}.has_music
                OR (SELECT NOT k.is_sample OR $3 = 'test' FROM tiktok_tracks k
                     WHERE k.id = ({t}.conditions ->> 'track')::uuid LIMIT 1) IS TRUE)))

-- name: may_fail(t, o, c)
-- Whether the rules of the target's platform have to be asked, or the options belong to another one.
           ({o}.is_exceeded OR char_length({t}.caption) > {o}.characters
                OR char_length({t}.caption) - char_length(replace({t}.caption, '#', '')) > {o}.hashtags
                OR char_length({t}.caption) - char_length(replace({t}.caption, '@', '')) > {o}.mentions
                OR char_length(coalesce({t}.first_comment, {c}.first_comment)) > {o}.comment_characters
                OR ({c}.media_type = 'text' AND {t}.caption !~ '\S')
                OR ({t}.reduced_privacy IS NOT NULL AND {t}.mode = 'publish')
                OR ({t}.conditions -> 'may_fail')::boolean
                OR ({t}.conditions ->> 'platform') <> {t}.platform
                OR ({t}.mode = 'draft' AND {o}.needs_phone AND NOT
-- include: presswork.posts parts.sql has_operator_phone($2, $3)
                   )) IS TRUE

-- name: call()
-- The values that exist once per call.
call AS MATERIALIZED (
    SELECT * FROM json_to_record($6::json)
        AS k(scheduled_for timestamptz, run_at timestamptz, message text, origin text, audit uuid, action text,
             actor text, actor_name text, operator uuid, request_id text, route text, idempotency_key text,
             stale_before timestamptz, fingerprint text)
)

-- name: claim_key(status, body, when)
-- Claims the idempotency key with its reply. A twin of the call waits here, and gets no row.
    INSERT INTO idempotency_keys AS k (key_id, route, idempotency_key, fingerprint, status, body, created_at)
    SELECT $1, c.route, c.idempotency_key, decode(c.fingerprint, 'hex'), {status}, {body}, $5 FROM call c {when}
       AND c.idempotency_key IS NOT NULL
    ON CONFLICT (key_id, route, idempotency_key) DO UPDATE
       SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body,
           created_at = excluded.created_at
     WHERE k.created_at < (SELECT stale_before FROM call)
    RETURNING 1

-- name: rows(returned, parts, fill, more)
-- Writes the posts of the CTE `fit`, their first timeline entries, and one audit line per call, as the CTE `go` says.
post AS (
    INSERT INTO scheduled_posts AS p (id, project_id, organization_id, environment, container_id, social_account_id,
                                      platform, mode, status, caption_override, first_comment_override,
                                      options, has_own_lane, scheduled_for, run_at, platform_state, error_count,
                                      version, created_at, updated_at, parts, fill, queue_id, slot_at, recurrence_id)
    SELECT t.post_id, c.project_id, $2, $3, $4, t.account_id, t.platform, t.mode, 'queued', t.caption,
           t.first_comment, t.options, t.has_own_lane, k.scheduled_for, k.run_at, k.origin, 0, 1, $5, $5, {parts},
           {fill}, m.queue, m.slot_at, m.recurrence
      FROM container c CROSS JOIN call k CROSS JOIN fit t CROSS JOIN {more} m
     WHERE (SELECT has_posts FROM go)
    RETURNING {returned} AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT t.post_id, $5, 'queued', k.message, '{}' FROM call k CROSS JOIN unnest($7::uuid[]) AS t(post_id)
     WHERE (SELECT has_posts FROM go)
), audited AS (
    INSERT INTO audit_log (id, at, organization_id, environment, action, actor, key_id, user_id, actor_name,
                           operator_id, object_id, request_id, detail)
    SELECT k.audit, $5, $2, $3, k.action, k.actor, CASE k.actor WHEN 'api_key' THEN $1::uuid END,
           CASE k.actor WHEN 'user' THEN $1::uuid END, k.actor_name, k.operator, 'cnt_' || $4::uuid, k.request_id,
           g.detail
      FROM go g CROSS JOIN call k WHERE g.is_set AND k.audit IS NOT NULL
)

-- name: usual(when, returned)
-- Checks and writes a call that needs no explanation, if `when` holds; `go` says whether it did. The lock makes a
-- deletion of the content wait for the posts, or comes after it: then no row is left.
container AS MATERIALIZED (
    SELECT c.project_id, c.media_type, c.caption, c.first_comment
      FROM content_containers c
     CROSS JOIN LATERAL (SELECT status, fill FROM projects WHERE id = c.project_id LIMIT 1) p
     WHERE c.id = $4 AND c.organization_id = $2 AND c.environment = $3 AND c.status = 'completed'
       AND p.status = 'active' AND p.fill IS NULL
       AND (c.approval_status = 'not_required' OR c.approval_status = 'approved' AND NOT c.is_covered)
       AND c.parts IS NULL AND c.media_removed_at IS NULL AND {when}
     LIMIT 1 FOR KEY SHARE OF c
),
-- include: presswork.posts parts.sql targets()
, fit AS MATERIALIZED (
    SELECT t.post_id, t.account_id, t.platform, t.mode, t.caption, t.first_comment, t.options, o.has_own_lane
      FROM container c CROSS JOIN target t JOIN offer o ON o.channel = t.channel
     WHERE
-- include: presswork.posts parts.sql fits(t, o, c)
       AND NOT
-- include: presswork.posts parts.sql may_fail(t, o, c)
),
-- include: presswork.posts parts.sql call()
, claim AS (
-- include: presswork.posts parts.sql claim_key(200, $12::bytea, WHERE (SELECT count(*) FROM fit) = cardinality($7))
), go AS MATERIALIZED (
    SELECT d.is_set, d.is_set AS has_posts, $11::text AS detail
      FROM (SELECT (SELECT count(*) FROM fit) = cardinality($7)
                   AND (k.idempotency_key IS NULL OR EXISTS (SELECT FROM claim)) AS is_set FROM call k) d
),
nothing AS (
    SELECT NULL::uuid AS queue, NULL::timestamptz AS slot_at, NULL::uuid AS recurrence
),
-- include: presswork.posts parts.sql rows({returned}, NULL, NULL, nothing)

-- name: cancel_queued(which, now, why)
-- Only posts that are still queued: the worker settles a post that it has claimed, or one that may have gone live
-- before it was restored from a backup. If such a post waits for an approval, which may never come now, it is due.
WITH locked AS (
    SELECT id FROM scheduled_posts
     WHERE status = 'queued' AND (live_call_at IS NULL OR is_held)
       AND {which}
     ORDER BY id FOR UPDATE
), canceled AS (
    UPDATE scheduled_posts p SET status = 'canceled', canceled_at = {now}, updated_at = {now}, version = version + 1
      FROM locked l WHERE p.id = l.id AND p.live_call_at IS NULL
    RETURNING p.id, p AS post
), released AS (
    UPDATE scheduled_posts p SET is_held = false, run_at = least(p.created_at, {now}), updated_at = {now},
           version = p.version + 1
      FROM locked l WHERE p.id = l.id AND p.live_call_at IS NOT NULL AND p.is_held RETURNING p.id
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, {now}, 'canceled', {why}::text, '{}' FROM canceled
     UNION ALL
    SELECT id, {now}, 'queued', {why}::text || ' The post is not canceled: it may have gone live before Presswork was '
           || 'restored from a backup.', '{}' FROM released
),
-- include: presswork.events outbox.sql post_changed(canceled, {now})
SELECT count(*) FROM canceled
