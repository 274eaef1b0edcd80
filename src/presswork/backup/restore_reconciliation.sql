-- What a restored database must not simply go on with: it may have been done since the backup was taken. psql runs these
-- before the restore is committed. They name columns that each table had from its beginning, since a backup may be old.

-- name: doubt_posts(mark, comment_mark, taken_at, ran_until, now, post_message)
-- Posts that were at work, or due before the service ran for the last time: their platform may have been asked to make
-- them live, so nobody cancels them and the worker asks, or ends them as not known. The state is a JSON object in text; as
-- text it keeps what no jsonb takes.
WITH doubted AS (
    UPDATE scheduled_posts
       SET platform_state = '{"' || :'mark' || '": "' || :'taken_at' || '", "' || :'comment_mark' || '": true'
                            || CASE platform_state WHEN '{}' THEN '}' ELSE ', ' || substr(platform_state, 2) END,
           live_call_at = coalesce(live_call_at, :'taken_at'::timestamptz),
           leased_by = NULL, leased_until = CASE status WHEN 'publishing' THEN least(leased_until, :'now'::timestamptz) END,
           run_at = least(run_at, :'now'::timestamptz), updated_at = greatest(updated_at, :'now'::timestamptz),
           version = version + 1
     WHERE status = 'publishing' OR (status = 'queued' AND least(scheduled_for, run_at) <= :'ran_until'::timestamptz)
    RETURNING id
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, :'now'::timestamptz, 'reconciled', :'post_message', '{}' FROM doubted
)
SELECT 'counted', 'doubtedPosts', count(*) FROM doubted;

-- name: doubt_comments(comment_mark)
-- First comments of live posts that were still to come: looked for before they are written.
UPDATE scheduled_posts p
   SET platform_state = '{"' || :'comment_mark' || '": true'
                        || CASE platform_state WHEN '{}' THEN '}' ELSE ', ' || substr(platform_state, 2) END,
       version = p.version + 1
  FROM post_follow_ups f WHERE f.post_id = p.id AND f.needs_comment;

-- name: doubt_texts(now, text_message)
-- One that was being sent stays: the service is asked for it by a word of its own, and knows whether it has it.
WITH doubted AS (
    UPDATE text_messages SET status = 'unknown', error = :'text_message', leased_by = NULL, leased_until = NULL,
           updated_at = greatest(updated_at, :'now'::timestamptz), version = version + 1
     WHERE status = 'queued' RETURNING id
)
SELECT 'counted', 'doubtedTexts', count(*) FROM doubted;

-- name: doubt_intents(ran_until)
-- Calls that waited for approval and whose time is over. Approved since, they are posted; approved now, they would be posted
-- at once.
WITH dropped AS (
    DELETE FROM schedule_intents WHERE scheduled_for <= :'ran_until'::timestamptz RETURNING id
)
SELECT 'counted', 'droppedScheduleCalls', count(*) FROM dropped;

-- name: forget_workers()
DELETE FROM workers;

-- name: lose_keys(now)
-- Nobody can open the tokens any more, so each account has to be connected again.
WITH lost AS (
    UPDATE social_accounts SET status = 'reauth_required', updated_at = greatest(updated_at, :'now'::timestamptz)
     WHERE status = 'connected' RETURNING id
)
SELECT 'counted', 'lostAccounts', count(*) FROM lost;

-- name: forget_keys(now)
-- The first key of the next process to start becomes the primary.
UPDATE secret_keys SET led_until = coalesce(led_until, greatest(led_from, :'now'::timestamptz)),
       retired_at = coalesce(retired_at, :'now'::timestamptz);
