-- name: publish(key, organization, environment, container, now, call, fingerprint, body, waits, targets, offers, ids)
-- plan: generic
-- The whole call in one statement: the writing part depends on the checking part, all or nothing.
-- `fits` must agree with refusals.refuse, which explains a refusal.
-- Content beyond the bounds of a platform is doubtful: the statement returns the `facts` from which the caller
-- derives the warnings of its reply, and writes only if those in `call.checked` are the same (or if `checked` is null).
-- With `waits` (the reply of a call that waits), the call is kept as an intent while the content waits for approval.
-- Without it, the call is refused.
-- `call`, `targets` and `offers` are JSON, so that the generic plan has the same estimates as a custom plan.
WITH call AS MATERIALIZED (
    SELECT k.route, k.idempotency_key, k.stale_before, k.scheduled_for, k.run_at, k.message, k.origin, k.intent,
           k.intent_targets, k.audit, k.action, k.operator, k.request_id, k.detail, k.waiting_detail, k.checked
      FROM json_to_record($6::json)
        AS k(route text, idempotency_key text, stale_before timestamptz, scheduled_for timestamptz, run_at timestamptz,
             message text, origin text, intent uuid, intent_targets text, audit uuid, action text, operator uuid,
             request_id text, detail text, waiting_detail text, checked text)
), container AS (
    SELECT c.id, c.project_id, c.status, c.approval_status, c.media_type, p.status AS project_status, c.caption,
           c.first_comment, c.revision, c.is_covered, c.approved_overrides
      FROM content_containers c JOIN projects p ON p.id = c.project_id
     WHERE c.id = $4 AND c.organization_id = $2 AND c.environment = $3
), locked AS (
    -- The lock makes a decision on the content wait until the intent is stored, and an edit of covered content until
    -- the posts are. If the content has changed since the snapshot, it is not `current`: then `fits` is false, and the
    -- caller runs the statement again.
    SELECT approval_status, revision FROM content_containers
     WHERE ($9::bytea IS NOT NULL OR (SELECT is_covered FROM container))
       AND id = $4 AND organization_id = $2 AND environment = $3
       AND (approval_status = 'pending' OR (is_covered AND approval_status = 'approved'))
       FOR NO KEY UPDATE
), current AS MATERIALIZED (
    SELECT FROM locked l JOIN container c ON c.approval_status = l.approval_status AND c.revision = l.revision
), slot AS MATERIALIZED (
    -- The first free slot for a call that waits; no row: as many wait as may. Of two calls that choose the same one,
    -- the later is run again.
    SELECT n.place FROM generate_series(1, 20) AS n(place)
     WHERE $9::bytea IS NOT NULL AND EXISTS (SELECT FROM current)
       AND n.place NOT IN (SELECT i.slot FROM schedule_intents i WHERE i.container_id = $4 AND i.slot IS NOT NULL)
     ORDER BY n.place LIMIT 1
), target AS MATERIALIZED (
    -- One lookup per target, used by the checks and by the rows. LIMIT 1 forces the primary key: the plan is cached,
    -- and one made while a table is small would read the whole table later.
    SELECT t.post_id, t.mode, t.caption, t.first_comment, t.options, t.unfit, t.textless, t.may_fail, t.track_id,
           coalesce(t.words ->> a.platform, '') AS words,
           a.id AS account_id, a.project_id, a.platform, a.login, a.status, a.scopes,
           a.login || ' ' || t.mode AS channel, $11::jsonb -> (a.login || ' ' || t.mode) AS offer,
           -- Only `managed` needs it. Must agree with accounts.model.managed_not_ready.
           CASE WHEN t.mode = 'managed' THEN coalesce((
               SELECT CASE WHEN l.template_id <> 'af058068-ad85-4fb8-92a1-f531b40bfcbc' THEN 'no_managed_layer'
                           WHEN ($3::text = 'test' AND l.provider = 'sandbox')
                                OR EXISTS (SELECT FROM providers v WHERE v.environment = $3 AND v.name = l.provider)
                           THEN 'ready'
                           ELSE 'no_managed_provider' END
                 FROM layers l WHERE l.id = a.layer_id LIMIT 1), 'no_managed_layer')
           ELSE 'ready' END AS managed
      FROM json_to_recordset($10::json)
        AS t(post_id uuid, account_id uuid, mode text, caption text, first_comment text, options text, unfit text[],
             textless text[], may_fail boolean, track_id uuid, words json)
      LEFT JOIN LATERAL (
           SELECT s.id, s.project_id, s.platform, s.login, s.status, s.scopes, s.layer_id FROM social_accounts s
            WHERE s.id = t.account_id AND s.organization_id = $2 AND s.environment = $3 LIMIT 1) a ON true
), existing_ids AS (
    SELECT i.id FROM unnest($12::uuid[]) AS i(id)
     CROSS JOIN LATERAL (SELECT FROM scheduled_posts s WHERE s.id = i.id LIMIT 1) s
), bound AS MATERIALIZED (
    -- The bounds for this kind of content, and whether the content exceeds them. A null bound is never exceeded.
    SELECT b.channel, b.characters, b.hashtags, b.mentions, b.comment_characters,
           char_length(c.caption) > b.characters
               OR char_length(c.caption) - char_length(replace(c.caption, '#', '')) > b.hashtags
               OR char_length(c.caption) - char_length(replace(c.caption, '@', '')) > b.mentions
               OR m.is_unmeasured OR m.ratio_min < b.ratio_min OR m.ratio_max > b.ratio_max
               OR m.side_min < b.side_min OR m.side_max > b.side_max
               OR m.duration_min < b.duration_min OR m.duration_max > b.duration_max AS is_exceeded
      FROM container c
     CROSS JOIN LATERAL (
           SELECT min(a.width::float8 / a.height) AS ratio_min, max(a.width::float8 / a.height) AS ratio_max,
                  min(least(a.width, a.height)) AS side_min, max(greatest(a.width, a.height)) AS side_max,
                  min(a.duration_ms) AS duration_min, max(a.duration_ms) AS duration_max,
                  count(*) > count(a.width) AS is_unmeasured
             FROM media_assets a WHERE a.container_id = c.id) m
     CROSS JOIN LATERAL jsonb_to_recordset($11::jsonb -> 'bounds' -> c.media_type)
        AS b(channel text, characters int, hashtags int, mentions int, comment_characters int, ratio_min float8,
             ratio_max float8, side_min int, side_max int, duration_min int, duration_max int)
), verdict AS (
    SELECT EXISTS (SELECT FROM container c WHERE c.status = 'completed' AND c.project_status = 'active'
                      AND (c.approval_status = 'not_required'
                           OR (c.approval_status = 'approved' AND (NOT c.is_covered OR EXISTS (SELECT FROM current)))
                           OR (c.approval_status = 'pending' AND EXISTS (SELECT FROM slot))))
       AND NOT EXISTS (SELECT FROM existing_ids)
       AND NOT EXISTS (
           SELECT FROM target t
             LEFT JOIN container c ON true
            WHERE t.account_id IS NULL OR t.project_id IS DISTINCT FROM c.project_id OR t.status <> 'connected'
               OR t.offer IS NULL OR NOT (t.offer -> 'is_available')::boolean OR t.managed <> 'ready'
               OR NOT string_to_array(t.offer ->> 'scopes', ',') <@ t.scopes
               OR t.platform || ' ' || c.media_type = ANY (t.unfit)
               OR (t.platform = ANY (t.textless)
                   AND (coalesce(t.caption, c.caption) <> '' OR coalesce(t.first_comment, c.first_comment) <> ''))
               -- Texts that were not approved. Must agree with refusals._refuse_texts.
               OR (c.is_covered AND c.approval_status = 'approved'
                   AND (coalesce(t.caption, c.caption), coalesce(t.first_comment, c.first_comment, ''), t.words)
                       <> (c.caption, coalesce(c.first_comment, ''), '')
                   AND NOT EXISTS (
                       SELECT FROM json_to_recordset(c.approved_overrides::json)
                           AS o(account_id uuid, caption text, first_comment text, words json)
                        WHERE o.account_id = t.account_id AND o.caption = coalesce(t.caption, c.caption)
                          AND o.first_comment = coalesce(t.first_comment, c.first_comment, '')
                          AND coalesce(o.words ->> t.platform, '') = t.words))
               OR (t.track_id IS NOT NULL AND (t.offer -> 'has_music')::boolean
                   AND NOT EXISTS (SELECT FROM tiktok_tracks k WHERE k.id = t.track_id))
       ) AS fits,
       $9::bytea IS NOT NULL AND EXISTS (SELECT FROM container c WHERE c.approval_status = 'pending') AS waits,
       EXISTS (
           SELECT FROM target t JOIN bound b ON b.channel = t.channel CROSS JOIN container c
            WHERE b.is_exceeded OR char_length(t.caption) > b.characters
               OR char_length(t.caption) - char_length(replace(t.caption, '#', '')) > b.hashtags
               OR char_length(t.caption) - char_length(replace(t.caption, '@', '')) > b.mentions
               OR char_length(coalesce(t.first_comment, c.first_comment)) > b.comment_characters)
       OR EXISTS (SELECT FROM target t WHERE t.mode = 'draft' AND (t.offer -> 'needs_phone')::boolean AND NOT (
-- include: presswork.posts parts.sql has_operator_phone($2, $3)
           ))
       OR EXISTS (SELECT FROM target t WHERE t.may_fail) AS is_doubtful
), facts AS MATERIALIZED (
    SELECT json_build_object(
               'caption', c.caption, 'first_comment', c.first_comment, 'media_type', c.media_type,
               'media', (
-- include: presswork.posts parts.sql probed_media(c.id)
               ),
               'has_phone', (
-- include: presswork.posts parts.sql has_operator_phone($2, $3)
               ),
               'logins', (SELECT json_object_agg(DISTINCT t.account_id, t.login) FROM target t))::text AS document
      FROM verdict v CROSS JOIN container c WHERE v.fits AND v.is_doubtful
), ready AS (
    SELECT v.fits AND (c.checked IS NULL OR NOT EXISTS (SELECT FROM facts f WHERE f.document <> c.checked)) AS is_set,
           v.waits
      FROM verdict v CROSS JOIN call c
), claim AS (
    INSERT INTO idempotency_keys AS k (key_id, route, idempotency_key, fingerprint, status, body, created_at)
    SELECT $1, c.route, c.idempotency_key, $7, CASE WHEN v.waits THEN 202 ELSE 200 END,
           CASE WHEN v.waits THEN $9::bytea ELSE $8::bytea END, $5
      FROM ready v CROSS JOIN call c WHERE v.is_set AND c.idempotency_key IS NOT NULL
    ON CONFLICT (key_id, route, idempotency_key) DO UPDATE
       SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body,
           created_at = excluded.created_at
     WHERE k.created_at < (SELECT stale_before FROM call)
    RETURNING 1
), go AS (
    SELECT v.is_set AND (c.idempotency_key IS NULL OR EXISTS (SELECT FROM claim)) AS is_set, v.waits
      FROM ready v CROSS JOIN call c
), intent AS (
    INSERT INTO schedule_intents (id, container_id, created_by_key, scheduled_for, targets, created_at, slot)
    SELECT c.intent, $4, $1, c.scheduled_for, c.intent_targets, $5, (SELECT place FROM slot)
      FROM go g CROSS JOIN call c WHERE g.is_set AND g.waits
), raised AS (
    -- Texts of single accounts that a reviewer of covered content has not seen.
    UPDATE content_containers SET revision = revision + 1
     WHERE id = $4 AND is_covered AND (SELECT is_set AND waits FROM go)
       AND EXISTS (SELECT FROM target t WHERE t.caption IS NOT NULL OR t.first_comment IS NOT NULL OR t.words <> '')
), post AS (
    INSERT INTO scheduled_posts AS p (id, project_id, organization_id, environment, container_id, social_account_id,
                                      platform, mode, status, caption_override, first_comment_override,
                                      options, has_own_lane, scheduled_for, run_at, platform_state, error_count,
                                      version, created_at, updated_at)
    SELECT t.post_id, c.project_id, $2, $3, c.id, t.account_id, t.platform, t.mode, 'queued', t.caption,
           t.first_comment, t.options, (t.offer -> 'has_own_lane')::boolean, k.scheduled_for,
           k.run_at, k.origin, 0, 1, $5, $5
      FROM target t CROSS JOIN container c CROSS JOIN call k
     WHERE (SELECT is_set AND NOT waits FROM go)
    RETURNING p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT t.post_id, $5, 'queued', c.message, '{}' FROM target t CROSS JOIN call c
     WHERE (SELECT is_set AND NOT waits FROM go)
), audited AS (
    -- One line per call, whatever the number of targets.
    INSERT INTO audit_log (id, at, organization_id, environment, action, actor, key_id, operator_id, object_id,
                           request_id, detail)
    SELECT c.audit, $5, $2, $3, c.action, 'api_key', $1, c.operator, 'cnt_' || $4::uuid, c.request_id,
           CASE WHEN g.waits THEN c.waiting_detail ELSE c.detail END
      FROM go g CROSS JOIN call c WHERE g.is_set AND c.audit IS NOT NULL
),
-- include: presswork.webhooks outbox.sql post_changed(post, $5)
SELECT v.fits, g.is_set, v.waits,
       (v.waits OR EXISTS (SELECT FROM container c WHERE c.is_covered AND c.approval_status = 'approved'))
           AND NOT EXISTS (SELECT FROM current) AS is_outdated,
       v.waits AND NOT EXISTS (SELECT FROM slot) AS is_full,
       (SELECT document FROM facts) AS facts,
       s.fingerprint AS stored_fingerprint, s.status AS stored_status, s.body AS stored_body,
       CASE WHEN NOT v.fits THEN (SELECT row_to_json(c)::text FROM container c) END AS container,
       CASE WHEN NOT v.fits THEN (
           SELECT json_agg(json_build_object('id', a.account_id, 'project_id', a.project_id, 'login', a.login,
                                             'status', a.status, 'scopes', a.scopes,
                                             'managed', CASE WHEN a.managed <> 'ready' THEN a.managed END))::text
             FROM target a WHERE a.account_id IS NOT NULL) END AS accounts,
       CASE WHEN NOT v.fits THEN ARRAY(SELECT id FROM existing_ids) END AS existing_ids,
       CASE WHEN NOT v.fits THEN ARRAY(
           SELECT id FROM tiktok_tracks WHERE id IN (SELECT track_id FROM target)) END AS tracks
  FROM verdict v CROSS JOIN go g
  LEFT JOIN LATERAL (
       SELECT i.fingerprint, i.status, i.body FROM call c
         JOIN idempotency_keys i ON i.key_id = $1 AND i.route = c.route AND i.idempotency_key = c.idempotency_key
        WHERE NOT g.is_set AND i.created_at >= c.stale_before
        LIMIT 1) s ON true;
