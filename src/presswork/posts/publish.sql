-- name: publish(key, organization, environment, container, now, stale_before, route, idempotency_key, fingerprint, body, client_ids, targets…, offers…, scheduled_for, run_at, message, waiting_body, intent, intent_targets, own_lanes, audit…, origin)
-- The whole call in one statement: the checking part decides, the writing part depends on it, all or nothing.
-- `fits` must say the same as refusals.refuse, which explains what it decided.
-- With `waiting_body` (its answer) the call is kept as an intent where the content waits for approval; without, refused.
WITH target AS (
    SELECT * FROM unnest($12::uuid[], $13::uuid[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
                         $19::uuid[], $20::boolean[])
        AS t(post_id, account_id, mode, caption, first_comment, settings, music, track_id, reel_to_feed)
), offer AS (
    SELECT * FROM unnest($21::text[], $22::text[], $23::text[], $24::boolean[], $25::boolean[], $26::boolean[], $33::boolean[])
        AS o(login, mode, scopes, has_reel_placement, has_music, is_available, has_own_lane)
), container AS (
    SELECT c.id, c.project_id, c.status, c.approval_status, c.media_type, p.status AS project_status
      FROM content_containers c JOIN projects p ON p.id = c.project_id
     WHERE c.id = $4 AND c.organization_id = $2 AND c.environment = $3
), held AS (
    -- Nobody decides on the content until the intent is stored. Gone where somebody has decided since the snapshot:
    -- then nothing fits, and the call is made again.
    SELECT id FROM content_containers
     WHERE $30::bytea IS NOT NULL AND id = $4 AND organization_id = $2 AND environment = $3 AND approval_status = 'pending'
       FOR SHARE
), aimed AS MATERIALIZED (
    -- One look per target, used by the checks and by the rows. LIMIT 1 holds the plan to the primary key: this plan is
    -- kept by its connection, and one made while a table was small would read all of it when it has grown.
    SELECT t.post_id, t.mode, t.caption, t.first_comment, t.settings, t.music, t.track_id, t.reel_to_feed,
           a.id AS account_id, a.project_id, a.platform, a.login, a.status, a.scopes,
           -- Looked up for the one mode that needs it. The same as accounts.model.managed_lack.
           CASE WHEN t.mode = 'managed' THEN coalesce((
               SELECT CASE WHEN l.template_id <> 'af058068-ad85-4fb8-92a1-f531b40bfcbc' THEN 'no_managed_layer'
                           WHEN ($3::text = 'test' AND l.provider = 'sandbox')
                                OR EXISTS (SELECT FROM providers v WHERE v.environment = $3 AND v.name = l.provider) THEN 'ready'
                           ELSE 'no_managed_provider' END
                 FROM layers l WHERE l.id = a.layer_id LIMIT 1), 'no_managed_layer')
           ELSE 'ready' END AS managed
      FROM target t
      LEFT JOIN LATERAL (
           SELECT s.id, s.project_id, s.platform, s.login, s.status, s.scopes, s.layer_id FROM social_accounts s
            WHERE s.id = t.account_id AND s.organization_id = $2 AND s.environment = $3 LIMIT 1) a ON true
), taken AS (
    SELECT i.id FROM unnest($11::uuid[]) AS i(id)
     CROSS JOIN LATERAL (SELECT FROM scheduled_posts s WHERE s.id = i.id LIMIT 1) s
), verdict AS (
    SELECT EXISTS (SELECT FROM container c WHERE c.status = 'completed' AND c.project_status = 'active'
                      AND (c.approval_status IN ('not_required', 'approved')
                           OR (c.approval_status = 'pending' AND EXISTS (SELECT FROM held))))
       AND NOT EXISTS (SELECT FROM taken)
       AND NOT EXISTS (
           SELECT FROM aimed t
             LEFT JOIN container c ON true
             LEFT JOIN offer o ON o.login = t.login AND o.mode = t.mode
            WHERE t.account_id IS NULL OR t.project_id IS DISTINCT FROM c.project_id OR t.status <> 'connected'
               OR o.login IS NULL OR NOT o.is_available OR t.managed <> 'ready'
               OR NOT string_to_array(o.scopes, ',') <@ t.scopes
               OR (t.reel_to_feed IS NOT NULL AND NOT (o.has_reel_placement AND c.media_type = 'video'))
               OR (t.track_id IS NOT NULL AND o.has_music
                   AND NOT EXISTS (SELECT FROM tiktok_tracks k WHERE k.id = t.track_id))
       ) AS fits,
       $30::bytea IS NOT NULL AND EXISTS (SELECT FROM container c WHERE c.approval_status = 'pending') AS waits
), claim AS (
    INSERT INTO idempotency_keys AS k (key_id, route, idempotency_key, fingerprint, status, body, created_at)
    SELECT $1, $7, $8, $9, CASE WHEN waits THEN 202 ELSE 200 END, CASE WHEN waits THEN $30::bytea ELSE $10::bytea END, $5 FROM verdict WHERE fits AND $8::text IS NOT NULL
    ON CONFLICT (key_id, route, idempotency_key) DO UPDATE
       SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, created_at = excluded.created_at
     WHERE k.created_at < $6
    RETURNING 1
), go AS (
    SELECT fits AND ($8::text IS NULL OR EXISTS (SELECT FROM claim)) AS is_set, waits FROM verdict
), intent AS (
    INSERT INTO schedule_intents (id, container_id, created_by_key, scheduled_for, targets, created_at)
    SELECT $31::uuid, $4, $1, $27::timestamptz, $32::text, $5 FROM go WHERE is_set AND waits
), post AS (
    INSERT INTO scheduled_posts AS p (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                 mode, status, caption_override, first_comment_override, tiktok_post_settings, tiktok_music,
                                 share_reel_to_feed, has_own_lane, scheduled_for, run_at, platform_state, faults, version, created_at, updated_at)
    SELECT t.post_id, c.project_id, $2, $3, c.id, t.account_id, t.platform, t.mode, 'queued', t.caption, t.first_comment, t.settings,
           t.music, t.reel_to_feed, o.has_own_lane, $27::timestamptz, $28::timestamptz, $40::text, 0, 1, $5, $5
      FROM aimed t JOIN offer o ON o.login = t.login AND o.mode = t.mode CROSS JOIN container c
     WHERE (SELECT is_set AND NOT waits FROM go)
    RETURNING p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT t.post_id, $5, 'queued', $29::text, '{}' FROM aimed t WHERE (SELECT is_set AND NOT waits FROM go)
), audited AS (
    -- One line for the call, however many targets it has.
    INSERT INTO audit_log (id, at, organization_id, environment, action, actor, key_id, operator_id, object_id, request_id, detail)
    SELECT $34::uuid, $5, $2, $3, $35::text, 'api_key', $1, $36::uuid, 'cnt_' || $4::uuid, $37::text, CASE WHEN waits THEN $39::text ELSE $38::text END
      FROM go WHERE is_set AND $34::uuid IS NOT NULL
),
-- include: presswork.webhooks outbox.sql post_changed(post, $5)
SELECT v.fits, g.is_set, v.waits, v.waits AND NOT EXISTS (SELECT FROM held) AS is_decided,
       s.fingerprint AS stored_fingerprint, s.status AS stored_status, s.body AS stored_body,
       CASE WHEN NOT v.fits THEN (SELECT row_to_json(c)::text FROM container c) END AS container,
       CASE WHEN NOT v.fits THEN (
           SELECT json_agg(json_build_object('id', a.account_id, 'project_id', a.project_id, 'login', a.login,
                                             'status', a.status, 'scopes', a.scopes,
                                             'managed', CASE WHEN a.managed <> 'ready' THEN a.managed END))::text
             FROM aimed a WHERE a.account_id IS NOT NULL) END AS accounts,
       CASE WHEN NOT v.fits THEN ARRAY(SELECT id FROM taken) END AS taken,
       CASE WHEN NOT v.fits THEN ARRAY(SELECT id FROM tiktok_tracks WHERE id = ANY($19::uuid[])) END AS tracks
  FROM verdict v CROSS JOIN go g
  LEFT JOIN LATERAL (
       SELECT i.fingerprint, i.status, i.body FROM idempotency_keys i
        WHERE NOT g.is_set AND i.key_id = $1 AND i.route = $7 AND i.idempotency_key = $8 AND i.created_at >= $6
        LIMIT 1) s ON true;
