-- Work in a restored database that may have been done after the backup was taken. psql runs these statements in the
-- transaction that restores. They use only columns that each table has had since its creation, because a backup may be
-- old.

-- name: reconcile_posts(mark, comment_mark, extras_mark, taken_at, ran_until, now, post_message)
-- Posts that were being published, or were due before the service ended: the platform may have been asked to make them
-- live. With live_call_at set they can't be canceled, and the worker looks them up or ends them as OUTCOME_UNKNOWN. The
-- state is a JSON object in a text column; jsonb would reject a NUL in it.
WITH reconciled AS (
    UPDATE scheduled_posts
       SET platform_state = '{"' || :'mark' || '": "' || :'taken_at' || '", "' || :'comment_mark' || '": true'
                            || ', "' || :'extras_mark' || '": true'
                            || CASE platform_state WHEN '{}' THEN '}' ELSE ', ' || substr(platform_state, 2) END,
           live_call_at = coalesce(live_call_at, :'taken_at'::timestamptz),
           leased_by = NULL, leased_until = CASE status WHEN 'publishing'
           THEN least(leased_until, :'now'::timestamptz) END,
           run_at = CASE WHEN run_at = 'infinity' THEN run_at ELSE least(run_at, :'now'::timestamptz) END,
           updated_at = greatest(updated_at, :'now'::timestamptz),
           version = version + 1
     WHERE status = 'publishing' OR (status = 'queued' AND least(scheduled_for, run_at) <= :'ran_until'::timestamptz)
    RETURNING id
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT id, :'now'::timestamptz, 'reconciled', :'post_message', '{}' FROM reconciled
)
SELECT 'counted', 'reconciledPosts', count(*) FROM reconciled;

-- name: reconcile_follow_ups(comment_mark, extras_mark)
-- Pending first comments and extras of live posts: the worker looks for each before it writes it. Older backups have no
-- column for extras.
UPDATE scheduled_posts p
   SET platform_state = '{"' || :'comment_mark' || '": true, "' || :'extras_mark' || '": true'
                        || CASE platform_state WHEN '{}' THEN '}' ELSE ', ' || substr(platform_state, 2) END,
       version = p.version + 1
  FROM post_follow_ups f
 WHERE f.post_id = p.id AND (f.needs_comment OR coalesce((to_jsonb(f) ->> 'needs_extras')::boolean, false));

-- name: reconcile_live_changes(now, edit_message)
-- A change of a live post is not made: a later one may have been made after the backup. A take-down continues, and may
-- have been done after the backup.
WITH ended AS (
    UPDATE live_changes SET ended_at = :'now'::timestamptz, leased_by = NULL, edit = NULL, version = version + 1
     WHERE ended_at IS NULL AND kind = 'edit' RETURNING post_id
), continued AS (
    UPDATE live_changes SET progress = progress || '{"is_restored": true}', leased_by = NULL, run_at = '-infinity',
           version = version + 1
     WHERE ended_at IS NULL AND kind = 'take_down'
), marked AS (
    UPDATE scheduled_posts p
       SET last_edit = json_build_object('status', 'failed', 'message', :'edit_message')::jsonb,
           updated_at = greatest(p.updated_at, :'now'::timestamptz), version = p.version + 1
      FROM ended e WHERE p.id = e.post_id RETURNING p.id
)
INSERT INTO post_events (post_id, at, event, message, detail)
SELECT id, :'now'::timestamptz, 'edit_failed', :'edit_message', '{}' FROM marked;

-- name: reconcile_texts(now, text_message)
-- A message that was being sent stays as it is: the worker looks it up at the provider by its own reference.
WITH reconciled AS (
    UPDATE text_messages SET status = 'unknown', error = :'text_message', leased_by = NULL, leased_until = NULL,
           updated_at = greatest(updated_at, :'now'::timestamptz), version = version + 1
     WHERE status = 'queued' RETURNING id
)
SELECT 'counted', 'reconciledTexts', count(*) FROM reconciled;

-- name: drop_overdue_intents(ran_until)
-- Overdue calls that waited for approval. If they were approved after the backup, they were published then; approved
-- now, they would be published immediately.
WITH dropped AS (
    DELETE FROM schedule_intents WHERE scheduled_for <= :'ran_until'::timestamptz RETURNING id
)
SELECT 'counted', 'droppedScheduleCalls', count(*) FROM dropped;

-- name: end_sessions()
-- A session that ended after the backup, such as that of a user who was disabled, must not work again.
DELETE FROM sessions;

-- name: end_agents()
-- The same holds for an agent that was disconnected after the backup. Their tokens end with them.
DELETE FROM oauth_grants;

-- name: drop_sign_up_links()
-- A link works once, also across a restore.
DELETE FROM sign_up_links;

-- name: drop_pending_sign_ins()
-- The first step of a sign-in does not count across a restore.
DELETE FROM pending_sign_ins;

-- name: revoke_posting_links(taken_at, now)
-- A link that posted after the backup must not post again. That post is not in the backup, so nothing else prevents it.
WITH revoked AS (
    UPDATE page_links SET revoked_at = greatest(created_at, :'now'::timestamptz)
     WHERE kind = 'tiktok_post_link' AND revoked_at IS NULL AND uses = 0 AND expires_at > :'taken_at'::timestamptz
    RETURNING id
)
SELECT 'counted', 'revokedPostingLinks', count(*) FROM revoked;

-- name: forget_workers()
DELETE FROM workers;

-- name: lose_keys(now)
-- The tokens can't be decrypted any more, so each account has to be connected again.
WITH lost AS (
    UPDATE social_accounts SET status = 'reauth_required', updated_at = greatest(updated_at, :'now'::timestamptz)
     WHERE status = 'connected' RETURNING id
)
SELECT 'counted', 'lostAccounts', count(*) FROM lost;

-- name: forget_keys(now)
-- The first key of the next process to start becomes the primary.
UPDATE secret_keys SET led_until = coalesce(led_until, greatest(led_from, :'now'::timestamptz)),
       retired_at = coalesce(retired_at, :'now'::timestamptz);

-- name: pause_media_sweep(now)
-- The store may have media that this backup does not know, and a later one does.
UPDATE media_sweep SET position = '', due_at = :'now'::timestamptz + interval '30 days';
