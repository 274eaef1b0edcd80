-- plan: generic

-- name: claim(now, worker, lease, limit, newer)
-- Claims posts whose lease has lapsed, and the first due post of each lane (an account, or a single post) without a
-- leased or snoozed post. Only the first post of a lane can be claimed, so two workers can't claim two posts of one
-- lane; the unique index scheduled_posts_one_at_work enforces it even if a snapshot is stale.
-- `now` is NULL in production: leases and due times are compared on the database's clock.
-- `newer`: posts that only a newer version of Presswork can publish. Their lanes wait for a worker of that version.
-- A post that was due when it was accepted is due, whatever the clock of the API process showed then.
-- Order in a lane: due time, then acceptance, then id. The due time is `due_at` if a snooze of the lane has moved
-- `run_at` (see snooze).
-- The query is written so that it can't be planned as a join. NOT IN is one hash of the lanes with a lease: 0.2 µs for
-- each post of a long busy lane. The checks for a snoozed post and for the head of the lane are one index probe each.
-- As anti-joins they took up to 0.5 s with stale statistics. The query never reads all snoozed posts: there may be
-- 100,000.
-- A post that was released is claimed again without a timeline entry if its last entry is its last claim.
WITH lapsed AS (
    SELECT id, run_at, created_at,
           CASE WHEN leased_by <> $2
                THEN 'The lease of worker ' || leased_by || ' lapsed: worker ' || $2::text || ' has taken over.'
                WHEN leased_by IS NOT NULL OR waits_for IS NULL
                  OR (SELECT e.event FROM post_events e WHERE e.post_id = p.id ORDER BY e.id DESC LIMIT 1)
                     IS DISTINCT FROM 'claimed'
                THEN 'Worker ' || $2::text || ' continues with it.'
                ELSE '' END AS message
      FROM scheduled_posts p
     WHERE status = 'publishing' AND leased_until <= coalesce($1, now())
       AND id <> ALL($5::uuid[])
     ORDER BY leased_until, id LIMIT $4 FOR UPDATE SKIP LOCKED
), busy AS MATERIALIZED (
    SELECT lane FROM scheduled_posts WHERE status = 'publishing' AND leased_by IS NOT NULL
), at_once AS (
-- include: presswork.worker parts.sql lane_heads(p.run_at <= p.created_at, $4, $5)
), due AS (
-- include: presswork.worker parts.sql lane_heads(p.run_at > p.created_at AND p.run_at <= coalesce($1, now()), $4, $5)
), chosen AS (
    SELECT c.id FROM (SELECT 0 AS priority, id, run_at, created_at FROM lapsed
                      UNION ALL SELECT 1, id, run_at, created_at FROM at_once
                      UNION ALL SELECT 1, id, run_at, created_at FROM due) c
     ORDER BY c.priority, c.run_at, c.created_at, c.id LIMIT $4
), claimed AS (
    UPDATE scheduled_posts p
       SET status = 'publishing', leased_by = $2, leased_until = coalesce($1, now()) + $3::interval,
           version = p.version + 1,
           updated_at = CASE p.status WHEN 'queued' THEN coalesce($1, now())
                                      ELSE greatest(p.updated_at, coalesce($1, now())) END,
           attempted_at = coalesce(p.attempted_at, coalesce($1, now()))
     WHERE p.id = ANY(ARRAY(SELECT id FROM chosen))
    RETURNING p AS post, p.id, coalesce(
               (SELECT l.message FROM lapsed l WHERE l.id = p.id),
               'Worker ' || $2::text || ' claimed the post.' || coalesce(
                   ' It was due at ' || to_char(p.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
                       || ' UTC and waited behind other posts of this account.',
                   '')) AS message
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, coalesce($1, now()), 'claimed', message, json_build_object('worker', $2::text)::text
      FROM claimed WHERE message <> ''
), begun AS (
    SELECT c.post FROM claimed c WHERE NOT EXISTS (SELECT FROM lapsed l WHERE l.id = c.id)
),
-- include: presswork.events outbox.sql post_changed(begun, coalesce($1, now()))
SELECT id FROM claimed;

-- name: make_parsable(now, limit, newer)
-- For a claim that failed because a document of one of its posts can't be parsed: replaces the damaged ones of the
-- posts that can be claimed, so that the next claim includes these posts, and `load` finds them unreadable.
WITH busy AS MATERIALIZED (
    SELECT lane FROM scheduled_posts WHERE status = 'publishing' AND leased_by IS NOT NULL
), at_once AS (
-- include: presswork.worker parts.sql lane_heads(p.run_at <= p.created_at, $2, $3)
), due AS (
-- include: presswork.worker parts.sql lane_heads(p.run_at > p.created_at AND p.run_at <= coalesce($1, now()), $2, $3)
)
UPDATE scheduled_posts p
   SET last_error = CASE WHEN is_json(p.last_error) THEN p.last_error END,
       parts = CASE WHEN is_json(p.parts) IS FALSE THEN '[{}]' ELSE p.parts END, version = p.version + 1, options =
-- include: presswork.worker parts.sql parsable(p.options)
 WHERE p.id = ANY(ARRAY(SELECT id FROM at_once UNION ALL SELECT id FROM due))
   AND (is_json(p.options) IS FALSE OR is_json(p.last_error) IS FALSE OR is_json(p.parts) IS FALSE)
RETURNING p.id;

-- name: next_post_due(now)
-- How long until the next post falls due or the next lease lapses.
SELECT least(
    (SELECT run_at FROM scheduled_posts
      WHERE status = 'queued' AND run_at > created_at AND run_at > coalesce($1, now()) AND run_at < 'infinity'
      ORDER BY run_at, created_at, id LIMIT 1),
    (SELECT leased_until FROM scheduled_posts
      WHERE status = 'publishing' AND leased_until > coalesce($1, now()) ORDER BY leased_until, id LIMIT 1)
) - coalesce($1, now());

-- name: next_follow_up_due(now)
SELECT run_at - coalesce($1, now()) FROM post_follow_ups
 WHERE run_at > coalesce($1, now()) ORDER BY run_at, post_id LIMIT 1;

-- name: load(ids, now, counted)
-- One look-up by primary key for each row: as joins, a kept plan read all accounts for a few posts. `recent_posts`
-- looks at the `counted` posts that were due last, of each row of the platform account.
SELECT p.id, p.version, p.environment, p.organization_id, p.project_id, p.container_id, p.platform, p.mode, p.status,
       p.caption_override, p.first_comment_override, p.fill::text AS fill,
       p.options, p.live_call_at, p.live_at, p.platform_state,
       p.error_count, p.first_error_at, p.last_error_at, p.external_id, p.external_url, p.leased_until, p.created_at,
       p.parts, p.extras, p.lane, p.cancel_asked_at, p.waits_for, p.missing_since, p.run_at, p.attempted_at,
       now() AS read_at,
       a.id AS account_id, a.login, a.external_id AS account_external_id, a.handle, a.scopes,
       a.status AS account_status, a.sealed_tokens, a.tokens_version, a.refresh_due_at, a.refresh_leased_until,
       a.reduced_privacy, a.app_id,
       j.status AS project_status,
       c.caption, c.first_comment, c.link, c.parts AS content_parts, c.media_type,
       (SELECT json_agg(json_build_object('asset_id', m.id, 'object_key', m.object_key, 'probe', m.probe,
                                          'alt_text', m.alt_text, 'filename', m.filename)
               ORDER BY m.position)::text FROM media_assets m WHERE m.container_id = c.id) AS media,
       (SELECT count(*) FROM social_accounts s CROSS JOIN LATERAL (
            SELECT l.live_at FROM scheduled_posts l WHERE l.social_account_id = s.id AND l.status = 'published'
             ORDER BY l.scheduled_for DESC, l.id DESC LIMIT $3) l
         WHERE s.platform = a.platform AND s.external_id = a.external_id AND s.environment = a.environment
           AND l.live_at > coalesce($2, now()) - interval '24 hours') AS recent_posts
  FROM (SELECT * FROM scheduled_posts WHERE id = ANY($1::uuid[]) ORDER BY id OFFSET 0) p
 CROSS JOIN LATERAL (SELECT * FROM social_accounts WHERE id = p.social_account_id LIMIT 1) a
 CROSS JOIN LATERAL (SELECT * FROM content_containers WHERE id = p.container_id LIMIT 1) c
 CROSS JOIN LATERAL (SELECT * FROM projects WHERE id = p.project_id LIMIT 1) j
 ORDER BY p.id;

-- name: set_reduced_privacy(account, privacy)
UPDATE social_accounts SET reduced_privacy = $2 WHERE id = $1;

-- name: renew(now, ids, worker, lease)
-- A renewal does not change the post, so the version stays. Posts that another worker has leased are not returned.
UPDATE scheduled_posts SET leased_until = coalesce($1, now()) + $4::interval
 WHERE id = ANY($2::uuid[]) AND leased_by = $3 AND status = 'publishing' RETURNING id;

-- name: save(moves)
-- The connector's progress.
WITH
-- include: presswork.worker parts.sql owned_posts(true)
, moved AS (
    UPDATE scheduled_posts p SET platform_state = o.state, delivery_reference = o.reference, updated_at = o.at,
           version = p.version + 1
      FROM owned o WHERE p.id = o.id RETURNING o.place, p.id, p.version, o.entries
),
-- include: presswork.worker parts.sql written(true)

-- name: note(id, version, entries)
-- Adds timeline entries if the version still matches. The row lock prevents an entry after the final one of another
-- worker: without it, the version could change between the check and the insert.
INSERT INTO post_events (post_id, at, event, message, detail)
SELECT owned.id, e.at, e.event, e.message, e.detail
  FROM (SELECT id FROM scheduled_posts WHERE id = $1 AND version = $2 FOR SHARE) owned
 CROSS JOIN LATERAL json_to_recordset($3::json) AS e(at timestamptz, event text, message text, detail text)
RETURNING id;

-- name: go_live(moves)
-- Committed before the irreversible call.
WITH
-- include: presswork.worker parts.sql owned_posts(p.status = 'publishing' AND p.live_call_at IS NULL)
, moved AS (
    UPDATE scheduled_posts p SET live_call_at = o.at, platform_state = o.state, updated_at = o.at,
           version = p.version + 1
      FROM owned o WHERE p.id = o.id RETURNING o.place, p.id, p.version, o.entries
),
-- include: presswork.worker parts.sql written(p.status = 'publishing' AND p.live_call_at IS NULL)

-- name: not_live(id, version, now, platform_state, event, message, detail, delivery_reference)
-- The call had no effect and may be repeated. Without a message no timeline entry is written.
WITH moved AS (
    UPDATE scheduled_posts SET live_call_at = NULL, platform_state = $4, delivery_reference = $8, updated_at = $3,
           version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' AND live_at IS NULL RETURNING id, version
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, $3, $5, $6::text, $7 FROM moved WHERE $6::text IS NOT NULL
)
SELECT version FROM moved;

-- name: live(moves)
-- The outcome is final.
WITH
-- include: presswork.worker parts.sql owned_posts(p.status = 'publishing')
, moved AS (
    UPDATE scheduled_posts p SET live_at = o.at, platform_state = o.state, external_id = o.external_id,
           external_url = o.external_url, updated_at = o.at, version = p.version + 1
      FROM owned o WHERE p.id = o.id RETURNING o.place, p.id, p.version, o.entries
),
-- include: presswork.worker parts.sql written(p.status = 'publishing')

-- name: part_live(id, version, now, state, parts, live_parts, root_id, root_url, is_over, event, message, detail)
-- Records that further parts of a thread are live, each once. Unless all are, the post goes on to the next part, which
-- has a call and errors of its own.
WITH moved AS (
    UPDATE scheduled_posts
       SET platform_state = $4, delivery_reference = NULL, parts = $5, live_parts = $6, external_id = $7,
           external_url = $8,
           live_at = CASE WHEN $9 THEN $3::timestamptz END, live_call_at = CASE WHEN $9 THEN live_call_at END,
           error_count = 0, first_error_at = NULL, last_error_at = NULL, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' AND live_call_at IS NOT NULL AND live_at IS NULL
       AND live_parts < $6
    RETURNING id, version
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $10, $11, $12 FROM moved
)
SELECT version FROM moved;

-- name: settle_cost(post, amount, now)
-- Raises an error (db/errors.py) where the budget has no room for it.
SELECT hold_cost(id, project_id, platform, utc_month($3), $2, true) FROM scheduled_posts WHERE id = $1;

-- name: settle_thread(id, version, now, parts, thread_status, last_error, root_id, root_url, message, detail, left)
-- A thread of which a part is live is in its final status, whether all are live or not. `left` is what is followed up.
WITH moved AS (
    UPDATE scheduled_posts p
       SET status = 'published', live_call_at = coalesce(live_call_at, $3), live_at = coalesce(live_at, $3),
           published_at = coalesce(live_at, $3), parts = $4, thread_status = $5, last_error = $6, external_id = $7,
           external_url = $8, leased_by = NULL, leased_until = NULL, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' AND live_parts > 0 RETURNING id, version, p AS post
), follow_up AS (
    INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)
    SELECT m.id, f.needs_location, f.needs_comment, f.run_at, f.gives_up_at, 0
      FROM moved m CROSS JOIN json_to_record($11::json)
           AS f(needs_location boolean, needs_comment boolean, run_at timestamptz, gives_up_at timestamptz)
     WHERE f.needs_location OR f.needs_comment
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, 'published', $9, $10 FROM moved
),
-- include: presswork.events outbox.sql post_ended(moved, $3)
SELECT version FROM moved;

-- name: located(id, version, now, external_id, external_url, event, message, detail)
WITH moved AS (
    UPDATE scheduled_posts SET external_id = $4, external_url = $5, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 RETURNING id, version
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $6, $7, $8 FROM moved
)
SELECT version FROM moved;

-- name: commented(id, version, now, first_comment_status, event, message, detail)
WITH moved AS (
    UPDATE scheduled_posts SET first_comment_status = $4, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 RETURNING id, version
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $5, $6, $7 FROM moved
)
SELECT version FROM moved;

-- name: settle_extras(id, version, now, extras, event, message, detail)
-- Stores what became of an extra of a live post: all of them are one document.
WITH moved AS (
    UPDATE scheduled_posts SET extras = $4::text::jsonb, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 RETURNING id, version
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $5, $6, $7 FROM moved
)
SELECT version FROM moved;

-- name: settle_published(moves)
-- A live post is in its final status; what is missing is followed up.
WITH
-- include: presswork.worker parts.sql owned_posts(p.status = 'publishing' AND p.live_at IS NOT NULL)
, moved AS (
    UPDATE scheduled_posts p SET status = 'published', published_at = p.live_at, external_id = o.external_id,
           thread_status = CASE WHEN p.live_parts > 0 THEN 'complete' END,
           external_url = o.external_url, extras = o.extras, leased_by = NULL, leased_until = NULL,
           updated_at = o.at, version = p.version + 1
      FROM owned o WHERE p.id = o.id
    RETURNING o.place, p.id, p.version, o.entries, p AS post, o.needs_location, o.needs_comment, o.follow_up_at,
              o.gives_up_at
), follow_up AS (
    INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, needs_extras, run_at, gives_up_at, attempts)
    SELECT id, needs_location, needs_comment, (post).extras <> '[]', follow_up_at, gives_up_at, 0 FROM moved
     WHERE needs_location OR needs_comment OR (post).extras <> '[]'
),
-- include: presswork.events outbox.sql post_changed(moved, (SELECT max(given.at) FROM given))
,
-- include: presswork.worker parts.sql written(p.status = 'publishing' AND p.live_at IS NOT NULL)

-- name: settle_drafted(id, version, now, platform_state, event, message, detail, is_followed, follow_up_at, ends_at)
-- A delivered draft is in its final status. The follow-up checks for a limited time whether its creator posts it.
WITH moved AS (
    UPDATE scheduled_posts p SET status = 'draft', live_at = $3, platform_state = $4, leased_by = NULL,
           leased_until = NULL, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' AND live_call_at IS NOT NULL
    RETURNING id, version, p AS post
), follow_up AS (
    INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)
    SELECT id, true, false, $9, $10, 0 FROM moved WHERE $8
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $5, $6, $7 FROM moved
),
-- include: presswork.events outbox.sql post_changed(moved, $3)
SELECT version FROM moved;

-- name: draft_posted(id, version, now, platform_state, event, message, detail)
-- Records that a creator has posted a draft. The state is written with the timeline entry, so there is one entry.
WITH moved AS (
    UPDATE scheduled_posts SET platform_state = $4, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'draft' RETURNING id, version
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $5, $6, $7 FROM moved
)
SELECT version FROM moved;

-- name: stray_notices(post, since, limit)
-- Webhooks that the platform sent since then for the post's account and that match no known post. No rows if another
-- recent post of the same platform account, in any project, has no reference either: the webhook may be for that post.
SELECT n.event, n.external_account_id, n.reference, n.occurred_at, n.detail
  FROM scheduled_posts p
  JOIN social_accounts a ON a.id = p.social_account_id
  JOIN platform_notices n ON n.platform = a.platform AND n.environment = p.environment
       AND n.external_account_id = a.external_id
 WHERE p.id = $1 AND n.received_at >= $2 AND n.occurred_at >= date_trunc('second', $2::timestamptz)
   AND n.reference IS NOT NULL
   AND NOT EXISTS (SELECT FROM scheduled_posts k WHERE k.delivery_reference = n.reference)
   AND NOT EXISTS (
       SELECT FROM social_accounts s JOIN scheduled_posts r ON r.social_account_id = s.id
        WHERE s.platform = a.platform AND s.external_id = a.external_id AND s.environment = a.environment
          AND r.scheduled_for > $2::timestamptz - interval '7 days'
          AND r.live_call_at > $2::timestamptz - interval '3 days'
          AND r.delivery_reference IS NULL AND r.id <> p.id)
 ORDER BY n.received_at, n.id LIMIT $3;

-- name: delivery_context(post)
-- What the delivery channels need that do not use the account's token. A post that was dispatched to a provider stays
-- with it even if its layer has changed. A phone that was verified in `test` gets no messages for live posts.
SELECT CASE WHEN p.environment = 'test' AND o.has_test_phone THEN o.test_phone ELSE o.phone END AS operator_phone,
       v.name AS provider, v.base_url, v.sealed_secret, v.former_secret, v.former_until,
       h.provider AS holder, l.provider AS layer_provider, l.template_id,
       k.id AS track_id, k.title, k.author, k.link
  FROM scheduled_posts p
  JOIN social_accounts a ON a.id = p.social_account_id
  LEFT JOIN operators o ON o.organization_id = p.organization_id AND o.is_primary
        AND CASE WHEN p.environment = 'test' AND o.has_test_phone THEN o.test_phone_verified_at IS NOT NULL
                 ELSE o.phone_verified_in IN ('live', p.environment) END
  LEFT JOIN layers l ON l.id = a.layer_id
  CROSS JOIN LATERAL (
       SELECT coalesce(p.platform_state::json #>> '{prepared,provider}',
                       p.platform_state::json #>> '{keep_dispatch,provider}') AS provider) h
  LEFT JOIN providers v ON v.environment = p.environment AND v.name = coalesce(h.provider, l.provider)
  LEFT JOIN tiktok_tracks k ON k.id = (p.options::json #>> '{tiktokMusic,trackId}')::uuid
       AND p.options::json #>> '{tiktokMusic,mode}' = 'manual'
 WHERE p.id = $1;

-- name: settle_over(id, version, now, status, last_error, event, message, detail, parts)
-- Ends a post as failed or canceled, unless a part of its thread is live.
WITH moved AS (
    UPDATE scheduled_posts p SET status = $4::text, last_error = $5, parts = coalesce($9, parts),
           canceled_at = CASE WHEN $4::text = 'canceled' THEN $3::timestamptz END,
           leased_by = NULL, leased_until = NULL, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' AND live_at IS NULL AND live_parts = 0
    RETURNING id, version, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $6, $7, $8 FROM moved
),
-- include: presswork.events outbox.sql post_ended(moved, $3)
SELECT version FROM moved;

-- name: settle_unreadable(id, version, now, last_error, message, first_comment_status, worker)
-- Ends a post whose stored data can't be read: as published if it is live, else as failed. Its damaged documents are
-- replaced, so that a list of posts or an event about it can be built.
WITH moved AS (
    UPDATE scheduled_posts p
       SET status = CASE WHEN live_at IS NULL AND live_parts = 0 THEN 'failed' ELSE 'published' END,
           last_error = CASE WHEN live_at IS NULL THEN $4::text END,
           live_call_at = CASE WHEN live_parts > 0 THEN coalesce(live_call_at, $3) ELSE live_call_at END,
           live_at = CASE WHEN live_parts > 0 THEN coalesce(live_at, $3) ELSE live_at END,
           published_at = CASE WHEN live_parts > 0 THEN coalesce(live_at, $3) ELSE live_at END,
           thread_status = CASE WHEN live_parts > 0 THEN 'unknown' END,
           first_comment_status = coalesce(first_comment_status, $6::text),
           leased_by = NULL, leased_until = NULL, updated_at = $3, version = version + 1, options =
-- include: presswork.worker parts.sql parsable(options)
           , platform_state =
-- include: presswork.worker parts.sql parsable(platform_state)
           , parts =
-- include: presswork.worker parts.sql parsable(parts)
     WHERE id = $1 AND version = $2 AND leased_by = $7 AND status = 'publishing' RETURNING id, status, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, status, $5::text, '{}' FROM moved
),
-- include: presswork.events outbox.sql post_ended(moved, $3)
SELECT status FROM moved;

-- name: settle_canceled_by_platform(id, version, now, last_error, message)
-- Reads `cancel_asked_at` in the statement that ends the post: a client may request the cancellation at any moment.
WITH moved AS (
    UPDATE scheduled_posts p SET status = CASE WHEN cancel_asked_at IS NULL THEN 'failed' ELSE 'canceled' END,
           last_error = CASE WHEN cancel_asked_at IS NULL THEN $4::text END,
           canceled_at = CASE WHEN cancel_asked_at IS NULL THEN NULL ELSE $3::timestamptz END,
           leased_by = NULL, leased_until = NULL, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' AND live_at IS NULL AND live_parts = 0
    RETURNING id, version, status, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, $3, status, CASE WHEN status = 'canceled' THEN $5::text ELSE $4::json ->> 'message' END,
           CASE WHEN status = 'canceled' THEN '{}' ELSE ($4::jsonb - 'message')::text END
      FROM moved
),
-- include: presswork.events outbox.sql post_changed(moved, $3)
SELECT version, status FROM moved;

-- name: record_error(id, version, now, error_count, first_error_at, platform_state, event, message, detail)
WITH moved AS (
    UPDATE scheduled_posts SET error_count = $4, first_error_at = $5, last_error_at = $3, platform_state = $6,
           updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' RETURNING id, version
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $7, $8, $9 FROM moved
)
SELECT version FROM moved;

-- name: snooze(id, version, now, until, lane, message, next_at, min_saving)
-- Releases a post until later. Queued posts of its lane that would be due more than `min_saving` before then are
-- snoozed with it. They keep their order. All are locked by ascending id first. Each gets one timeline entry, at its
-- first snooze: a lane may snooze many times. The entries of the first post describe the rest of the wait; the API
-- shows them for the posts behind it as well (posts/queries.sql: find_wait).
WITH locked AS (
    SELECT p.id, p.due_at IS NULL AS is_news FROM scheduled_posts p
     WHERE p.id = ANY(ARRAY(
           SELECT $1::uuid
           UNION ALL
           SELECT q.id FROM scheduled_posts q
            WHERE q.lane = $5 AND q.status = 'queued' AND greatest(q.run_at, $3) < $4::timestamptz - $8::interval))
     ORDER BY p.id FOR UPDATE
), moved AS (
    UPDATE scheduled_posts p SET leased_by = NULL, leased_until = $4, updated_at = $3, version = p.version + 1
      FROM locked l
     WHERE p.id = $1 AND l.id = p.id AND p.version = $2 AND p.status = 'publishing' RETURNING p.id, p.version
), snoozed AS (
    UPDATE scheduled_posts q SET run_at = $4, due_at = coalesce(q.due_at, q.run_at)
      FROM locked l, moved m
     WHERE q.id = l.id AND q.id <> m.id AND q.status = 'queued'
       AND greatest(q.run_at, $3) < $4::timestamptz - $8::interval
    RETURNING q.id, l.is_news
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, $3, 'waiting', $6::text,
           json_build_object('nextAt', $7::text, 'behind', 'sp_' || $1::text)::text
      FROM snoozed WHERE is_news
)
SELECT version FROM moved;

-- name: release(now, worker, held)
-- Releases every post of a worker except those in `held`: other workers can claim them at once.
UPDATE scheduled_posts SET leased_by = NULL, leased_until = coalesce($1, now()),
       updated_at = greatest(updated_at, coalesce($1, now())), version = version + 1
 WHERE status = 'publishing' AND leased_by = $2 AND id <> ALL($3::uuid[]) RETURNING id;

-- name: release_post(id, worker, now)
-- Releases one post: another worker can claim it at once.
UPDATE scheduled_posts SET leased_by = NULL, leased_until = coalesce($3, now()),
       updated_at = greatest(updated_at, coalesce($3, now())), version = version + 1
 WHERE id = $1 AND leased_by = $2 AND status = 'publishing';

-- name: crashed_since(id, event, message)
-- When the row of errors started that `snooze_crashed` counted with this message. No rows if the post's last error is
-- another one: the state of the post can't say which it was, since it may be what can't be stored.
SELECT p.first_error_at FROM scheduled_posts p
 WHERE p.id = $1 AND EXISTS (SELECT FROM post_events e
                              WHERE e.post_id = p.id AND e.at = p.last_error_at AND e.event = $2 AND e.message = $3);

-- name: snooze_crashed(id, version, now, until, since, event, message)
-- For an error whose details can't be stored: counts it and releases the post until later, with a fixed message.
WITH moved AS (
    UPDATE scheduled_posts SET leased_by = NULL, leased_until = $4, first_error_at = $5, last_error_at = $3,
           error_count = CASE WHEN $5::timestamptz = $3 THEN 1 ELSE error_count + 1 END, updated_at = $3,
           version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'publishing' RETURNING id, version
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, $6, $7, '{}' FROM moved
)
SELECT version FROM moved;

-- name: claim_follow_ups(now, worker, lease, limit, newer)
-- A leased follow-up is due again when its lease ends. Attempts are counted when they end (reschedule_follow_up), so a
-- claim without an attempt is not counted.
UPDATE post_follow_ups f SET leased_by = $2, run_at = coalesce($1, now()) + $3::interval
  FROM (SELECT post_id FROM post_follow_ups
         WHERE run_at <= coalesce($1, now()) AND post_id <> ALL($5::uuid[]) ORDER BY run_at, post_id LIMIT $4
           FOR UPDATE SKIP LOCKED) c
 WHERE f.post_id = c.post_id
RETURNING f.post_id, f.needs_location, f.needs_comment, f.needs_extras, f.gives_up_at, f.attempts + 1 AS attempts,
          coalesce($1, now()) AS claimed_at;

-- name: renew_follow_ups(now, posts, worker, lease)
UPDATE post_follow_ups SET run_at = coalesce($1, now()) + $4::interval
 WHERE post_id = ANY($2::uuid[]) AND leased_by = $3 RETURNING post_id;

-- name: release_follow_ups(now, worker, held)
UPDATE post_follow_ups SET leased_by = NULL, run_at = coalesce($1, now())
 WHERE leased_by = $2 AND post_id <> ALL($3::uuid[]);

-- name: release_follow_up(post, worker, now)
UPDATE post_follow_ups SET leased_by = NULL, run_at = coalesce($3, now()) WHERE post_id = $1 AND leased_by = $2;

-- name: reschedule_follow_up(post, worker, attempts, needs_location, needs_comment, needs_extras, run_at)
-- No row back: another worker has leased the follow-up, or counted an attempt, since its lease ended.
UPDATE post_follow_ups
   SET needs_location = $4, needs_comment = $5, needs_extras = $6, run_at = $7, leased_by = NULL,
       attempts = attempts + 1
 WHERE post_id = $1 AND leased_by = $2 AND attempts = $3 - 1 RETURNING true;

-- name: end_follow_up(post, worker, attempts)
DELETE FROM post_follow_ups WHERE post_id = $1 AND leased_by = $2 AND attempts = $3 - 1 RETURNING true;

-- name: end_unreadable_follow_up(post, worker)
DELETE FROM post_follow_ups WHERE post_id = $1 AND leased_by = $2;

-- name: sweep_workers(now, limit)
-- A heartbeat in the future is from before the database's clock was set back.
DELETE FROM workers WHERE id IN (
    SELECT id FROM workers
     WHERE seen_at < coalesce($1, now()) - interval '1 hour' OR seen_at > coalesce($1, now()) + interval '1 hour'
     ORDER BY seen_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
);

-- name: sweep_states(now, limit)
DELETE FROM oauth_states WHERE ctid IN (
    SELECT ctid FROM oauth_states WHERE expires_at < coalesce($1, now()) - interval '1 day' ORDER BY expires_at LIMIT $2
       FOR UPDATE SKIP LOCKED
);

-- name: sweep_phone_events(now, limit)
DELETE FROM phone_events WHERE ctid IN (
    SELECT ctid FROM phone_events WHERE counted_at < coalesce($1, now()) - interval '1 day'
     ORDER BY counted_at LIMIT $2 FOR UPDATE SKIP LOCKED
);

-- name: reserve_call(account, call, now, max_calls, span, calls, app_wide)
-- Reserves the next instant at which the platform account, or any account of its app, may make `calls` calls of this
-- kind: at most `max_calls` within any `span`. The app is the customer's that the account was connected with, or the
-- installation's for the login. Ids of accounts have no space, so none is that of an app. A
-- reservation is never earlier than the ones before it. Those from a clock that has been set back since are void.
INSERT INTO rate_limit_reservations AS t (platform, environment, external_account_id, call, taken, taken_at)
SELECT a.platform, a.environment, CASE WHEN $7::bool THEN 'app ' || coalesce(a.app_id::text, a.login)
                                       ELSE a.external_id END, $2,
       array_fill($3::timestamptz, ARRAY[$6::int]), $3
  FROM social_accounts a WHERE a.id = $1
ON CONFLICT (platform, environment, external_account_id, call) DO UPDATE
   SET taken_at = $3, taken = (
       SELECT (k.taken || array_fill(
                  greatest($3::timestamptz, k.taken[k.count], k.taken[k.count - $4::int + $6::int] + $5::interval),
                  ARRAY[$6::int]))[greatest(1, k.count - $4::int + $6::int + 1):]
         FROM (SELECT v.taken, cardinality(v.taken) AS count
                 FROM (SELECT CASE WHEN t.taken_at > $3::timestamptz + interval '5 seconds' THEN '{}'::timestamptz[]
                                   ELSE t.taken END AS taken) v) k)
RETURNING taken[cardinality(taken)];

-- name: count_calls(account, call, now, max_calls, calls, app_wide, resets_at)
-- The same where the platform counts from zero at $7: a number is enough, since nothing that is over the limit may be
-- called before. Once calls did not fit, the period counts as used up, so that smaller ones do not overtake them.
INSERT INTO rate_limit_reservations AS t (platform, environment, external_account_id, call, taken, calls, taken_at)
SELECT a.platform, a.environment, CASE WHEN $6::bool THEN 'app ' || coalesce(a.app_id::text, a.login)
                                       ELSE a.external_id END, $2, '{}',
       $5::int, $3
  FROM social_accounts a WHERE a.id = $1
ON CONFLICT (platform, environment, external_account_id, call) DO UPDATE
   SET taken_at = $3, calls = least(t.calls + $5::int, $4::int + 1 - cardinality(t.taken))
RETURNING CASE WHEN calls + cardinality(taken) <= $4::int THEN $3::timestamptz ELSE $7::timestamptz END;

-- name: published_since(account, since, limit)
-- When posts of the platform account went live since then, in any project, oldest first. Posts that were scheduled more
-- than 60 days before are left out, so that the query does not read the account's whole history.
SELECT p.live_at
  FROM social_accounts me
  JOIN social_accounts a ON a.platform = me.platform AND a.external_id = me.external_id
       AND a.environment = me.environment
  JOIN scheduled_posts p ON p.social_account_id = a.id
 WHERE me.id = $1 AND p.status IN ('publishing', 'published') AND p.mode = 'publish' AND p.live_at > $2::timestamptz
   AND p.scheduled_for > $2::timestamptz - interval '60 days'
 ORDER BY p.live_at LIMIT $3;

-- name: sweep_rate_limits(now, limit)
DELETE FROM rate_limit_reservations WHERE ctid IN (
    SELECT ctid FROM rate_limit_reservations WHERE taken_at < coalesce($1, now()) - interval '2 days'
     ORDER BY taken_at LIMIT $2 FOR UPDATE SKIP LOCKED
);

