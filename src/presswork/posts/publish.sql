-- name: publish(key, organization, environment, container, now, stale_before, route, idempotency_key, fingerprint, body, client_ids, targets…, offers…)
-- The whole call in one statement: the checking part decides, the writing part depends on it, all or nothing.
-- `fits` must say the same as refusals.refuse, which explains what it decided.
WITH target AS (
    SELECT * FROM unnest($12::uuid[], $13::uuid[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
                         $19::uuid[], $20::boolean[])
        AS t(post_id, account_id, mode, caption, first_comment, settings, music, track_id, reel_to_feed)
), offer AS (
    SELECT * FROM unnest($21::text[], $22::text[], $23::text[], $24::boolean[], $25::boolean[], $26::boolean[])
        AS o(platform, mode, scopes, has_reel_placement, has_music, is_available)
), container AS (
    SELECT c.id, c.project_id, c.status, c.approval_status, c.media_type, p.status AS project_status
      FROM content_containers c JOIN projects p ON p.id = c.project_id
     WHERE c.id = $4 AND c.organization_id = $2 AND c.environment = $3
), account AS (
    SELECT id, project_id, platform, status, scopes FROM social_accounts
     WHERE id = ANY($13::uuid[]) AND organization_id = $2 AND environment = $3
), taken AS (
    SELECT id FROM scheduled_posts WHERE id = ANY($11::uuid[])
), verdict AS (
    SELECT EXISTS (SELECT FROM container c WHERE c.status = 'completed' AND c.project_status = 'active'
                      AND c.approval_status IN ('not_required', 'approved'))
       AND NOT EXISTS (SELECT FROM taken)
       AND NOT EXISTS (
           SELECT FROM target t
             LEFT JOIN container c ON true
             LEFT JOIN account a ON a.id = t.account_id AND a.project_id = c.project_id AND a.status = 'connected'
             LEFT JOIN offer o ON o.platform = a.platform AND o.mode = t.mode
            WHERE a.id IS NULL OR o.platform IS NULL OR NOT o.is_available
               OR NOT string_to_array(o.scopes, ',') <@ a.scopes
               OR (t.reel_to_feed IS NOT NULL AND NOT (o.has_reel_placement AND c.media_type = 'video'))
               OR (t.track_id IS NOT NULL AND o.has_music
                   AND NOT EXISTS (SELECT FROM tiktok_tracks k WHERE k.id = t.track_id))
       ) AS fits
), claim AS (
    INSERT INTO idempotency_keys AS k (key_id, route, idempotency_key, fingerprint, status, body, created_at)
    SELECT $1, $7, $8, $9, 200, $10, $5 FROM verdict WHERE fits AND $8::text IS NOT NULL
    ON CONFLICT (key_id, route, idempotency_key) DO UPDATE
       SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, created_at = excluded.created_at
     WHERE k.created_at < $6
    RETURNING 1
), go AS (
    SELECT fits AND ($8::text IS NULL OR EXISTS (SELECT FROM claim)) AS is_set FROM verdict
), post AS (
    INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                 mode, status, caption_override, first_comment_override, tiktok_post_settings, tiktok_music,
                                 share_reel_to_feed, scheduled_for, run_at, platform_state, faults, version, created_at, updated_at)
    SELECT t.post_id, c.project_id, $2, $3, c.id, a.id, a.platform, t.mode, 'queued', t.caption, t.first_comment, t.settings,
           t.music, t.reel_to_feed, $5, $5, '{}', 0, 1, $5, $5
      FROM target t JOIN account a ON a.id = t.account_id CROSS JOIN container c
     WHERE (SELECT is_set FROM go)
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT t.post_id, $5, 'queued', 'Accepted. A worker will take it at once.', '{}' FROM target t WHERE (SELECT is_set FROM go)
)
SELECT v.fits, g.is_set,
       s.fingerprint AS stored_fingerprint, s.status AS stored_status, s.body AS stored_body,
       CASE WHEN NOT v.fits THEN (SELECT row_to_json(c)::text FROM container c) END AS container,
       CASE WHEN NOT v.fits THEN (SELECT json_agg(a)::text FROM account a) END AS accounts,
       CASE WHEN NOT v.fits THEN ARRAY(SELECT id FROM taken) END AS taken,
       CASE WHEN NOT v.fits THEN ARRAY(SELECT id FROM tiktok_tracks WHERE id = ANY($19::uuid[])) END AS tracks
  FROM verdict v CROSS JOIN go g
  LEFT JOIN idempotency_keys s ON s.key_id = $1 AND s.route = $7 AND s.idempotency_key = $8 AND s.created_at >= $6;

-- name: taken(ids)
SELECT id FROM scheduled_posts WHERE id = ANY($1::uuid[]) LIMIT 1;
