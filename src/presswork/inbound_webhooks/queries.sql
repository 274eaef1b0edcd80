-- name: insert_notice(platform, environment, account, app, event, reference, detail, body_hash, occurred_at, now)
-- No row if the same notice was received before, or if nothing was ever connected with the app under the account's id.
-- Without an app, here and below: with the installation's.
INSERT INTO platform_notices (platform, environment, external_account_id, event, reference, detail, body_hash,
                              occurred_at,
                              received_at)
SELECT $1, $2, $3, $5, $6, $7, $8, $9, $10
 WHERE EXISTS (SELECT FROM social_accounts a WHERE a.platform = $1 AND a.environment = $2 AND a.external_id = $3
                  AND a.app_id IS NOT DISTINCT FROM $4::uuid)
ON CONFLICT (platform, environment, body_hash) DO NOTHING
RETURNING id;

-- name: posts_by_reference(platform, environment, account, app, reference, limit)
SELECT p.id FROM scheduled_posts p JOIN social_accounts a ON a.id = p.social_account_id
 WHERE p.delivery_reference = $5 AND p.platform = $1 AND p.environment = $2 AND a.external_id = $3
   AND a.app_id IS NOT DISTINCT FROM $4::uuid
 ORDER BY p.id LIMIT $6;

-- name: posts_without_reference(platform, environment, account, app, limit)
-- Posts of the account whose live call has started and whose platform id is not known yet: the notice may be about one.
SELECT p.id FROM scheduled_posts p JOIN social_accounts a ON a.id = p.social_account_id
 WHERE a.platform = $1 AND a.environment = $2 AND a.external_id = $3 AND a.app_id IS NOT DISTINCT FROM $4::uuid
   AND p.status = 'publishing' AND p.live_call_at IS NOT NULL AND p.delivery_reference IS NULL
 ORDER BY p.id LIMIT $5;

-- name: commented_posts(platform, environment, account, app, posts, since, limit)
-- Live posts of the account that have one of these ids, themselves or in a part of their thread; of an empty list, the
-- newest.
SELECT p.id FROM social_accounts a
 CROSS JOIN LATERAL (
       SELECT id, external_id, parts, live_status, scheduled_for FROM scheduled_posts
        WHERE social_account_id = a.id AND status = 'published' AND scheduled_for >= $6) p
 WHERE a.platform = $1 AND a.environment = $2 AND a.external_id = $3 AND a.app_id IS NOT DISTINCT FROM $4::uuid
   AND a.status <> 'disconnected'
   AND (p.live_status IS NULL OR p.live_status = 'live')
   AND (cardinality($5::text[]) = 0 OR p.external_id = ANY($5)
        OR p.parts IS NOT NULL AND EXISTS (SELECT FROM unnest($5::text[]) AS t(id)
                                            WHERE position('"' || t.id || '"' IN p.parts) > 0))
 ORDER BY p.scheduled_for DESC, p.id DESC LIMIT $7;

-- name: insert_timeline_entry(post, now, event, message, detail, is_news)
-- A notice that is not news is added only if the outcome of the post is unknown: there it decides.
INSERT INTO post_events (post_id, at, event, message, detail)
SELECT id, $2, $3, $4, $5 FROM scheduled_posts
 WHERE id = $1 AND ($6 OR (status = 'failed' AND last_error::json ->> 'code' = 'OUTCOME_UNKNOWN'))
RETURNING id;

-- name: locate_again(post, event, now, gives_up_at)
-- The post is visible, so its id can be queried, even after the normal time for that. Not if the id is known: from the
-- row of a published post, or from the timeline of a draft. Counted, since NOT EXISTS may be planned to read all
-- timelines.
INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)
SELECT p.id, true, false, $3, $4, 0 FROM scheduled_posts p
 WHERE p.id = $1
   AND ((p.status = 'published' AND p.external_id IS NULL)
        OR (p.status = 'draft' AND 0 = (SELECT count(*) FROM post_events e WHERE e.post_id = p.id AND e.event = $2
                                           AND e.detail::json ->> 'externalId' IS NOT NULL)))
ON CONFLICT (post_id) DO NOTHING
RETURNING post_id;

-- name: sweep(before, limit)
DELETE FROM platform_notices WHERE id IN (
    SELECT id FROM platform_notices WHERE received_at < $1 ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED
);
