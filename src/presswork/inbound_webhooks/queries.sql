-- name: keep(platform, environment, account, event, reference, detail, body_hash, occurred_at, now)
-- No row back: it came before.
INSERT INTO platform_notices (platform, environment, external_account_id, event, reference, detail, body_hash,
                              occurred_at,
                              received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (platform, environment, body_hash) DO NOTHING
RETURNING id;

-- name: posts_named(platform, environment, account, reference, limit)
SELECT p.id FROM scheduled_posts p JOIN social_accounts a ON a.id = p.social_account_id
 WHERE p.delivery_reference = $4 AND p.platform = $1 AND p.environment = $2 AND a.external_id = $3
 ORDER BY p.id LIMIT $5;

-- name: posts_in_doubt(platform, environment, account, limit)
-- Posts of the account that were sent and lack the platform's id: the notice may be about one of them.
SELECT p.id FROM scheduled_posts p JOIN social_accounts a ON a.id = p.social_account_id
 WHERE a.platform = $1 AND a.environment = $2 AND a.external_id = $3
   AND p.status = 'publishing' AND p.live_call_at IS NOT NULL AND p.delivery_reference IS NULL
 ORDER BY p.id LIMIT $4;

-- name: tell(post, now, event, message, detail, is_news)
-- What is no news is told only where nobody could tell what became of the post: there it is the answer.
INSERT INTO post_events (post_id, at, event, message, detail)
SELECT id, $2, $3, $4, $5 FROM scheduled_posts
 WHERE id = $1 AND ($6 OR (status = 'failed' AND last_error::json ->> 'code' = 'OUTCOME_UNKNOWN'))
RETURNING id;

-- name: look_again(post, event, now, gives_up_at)
-- The post can be seen, so its id can be asked for, though the time for that may be over. Not where it is known: a
-- published post has it, the timeline of a draft tells it.
INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)
SELECT p.id, true, false, $3, $4, 0 FROM scheduled_posts p
 WHERE p.id = $1
   AND ((p.status = 'published' AND p.external_id IS NULL)
        OR (p.status = 'draft' AND NOT EXISTS (SELECT FROM post_events e WHERE e.post_id = p.id AND e.event = $2
                                                  AND e.detail::json ->> 'externalId' IS NOT NULL)))
ON CONFLICT (post_id) DO NOTHING
RETURNING post_id;

-- name: sweep(before, limit)
DELETE FROM platform_notices WHERE id IN (
    SELECT id FROM platform_notices WHERE received_at < $1 ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED
);
