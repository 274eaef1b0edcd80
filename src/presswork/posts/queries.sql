-- name: find_post(organization, environment, id)
SELECT
-- include: presswork.events document.sql document(p)
  FROM scheduled_posts p WHERE p.id = $3 AND p.organization_id = $1 AND p.environment = $2;

-- name: save_sandbox_location(url)
INSERT INTO sandbox_location AS l (is_current, url) VALUES (true, $1)
ON CONFLICT (is_current) DO UPDATE SET url = excluded.url WHERE l.url IS DISTINCT FROM excluded.url;

-- name: find_timeline(organization, environment, id, limit)
-- One row without an event if the post exists and its timeline was deleted (sweep_timelines); no row if there is no
-- such post. Beyond the limit, the latest entries.
SELECT p.status, coalesce(p.published_at, p.canceled_at, p.live_at, p.updated_at) AS ended_at,
       p.last_error::json ->> 'message' AS last_error, e.at, e.event, e.message, e.detail
  FROM scheduled_posts p LEFT JOIN LATERAL (
       SELECT id, at, event, message, detail FROM post_events WHERE post_id = p.id ORDER BY id DESC LIMIT $4) e ON true
 WHERE p.id = $3 AND p.organization_id = $1 AND p.environment = $2
 ORDER BY e.id;

-- name: find_waiting(id, now)
SELECT
-- include: presswork.events document.sql waiting(p, $2::timestamptz)
  FROM scheduled_posts p WHERE p.id = $1;

-- name: sweep_timelines(after_post, after_id, before_post, before, limit)
-- Reads the next entries of posts with lower ids than one, and deletes those that are older than an instant if the post
-- has not changed since, has ended, and nothing follows it up. Posts are not deleted: their rows are proof of what
-- was published. Returns the number of entries that were read, and the last of them.
WITH next AS MATERIALIZED (
    SELECT post_id, id, at, ctid AS place FROM post_events
     WHERE (post_id, id) > ($1::uuid, $2::bigint) AND post_id < $3 ORDER BY post_id, id LIMIT $5
), over AS MATERIALIZED (
    SELECT p.id FROM (SELECT DISTINCT post_id FROM next WHERE at < $4) n
     CROSS JOIN LATERAL (
           SELECT id FROM scheduled_posts
            WHERE id = n.post_id AND status NOT IN ('queued', 'publishing') AND updated_at < $4 LIMIT 1) p
     WHERE NOT EXISTS (SELECT FROM post_follow_ups f WHERE f.post_id = p.id)
), swept AS (
    DELETE FROM post_events WHERE ctid = ANY(ARRAY(
        SELECT e.ctid FROM post_events e
         WHERE e.ctid = ANY(ARRAY(SELECT place FROM next WHERE at < $4 AND post_id IN (SELECT id FROM over)))
           FOR UPDATE SKIP LOCKED))
)
SELECT count(*) AS read_count, (SELECT post_id FROM next ORDER BY post_id DESC, id DESC LIMIT 1) AS post_id,
       (SELECT id FROM next ORDER BY post_id DESC, id DESC LIMIT 1) AS id
  FROM next;

-- name: find_wait(id, limit)
-- For a queued post whose lane waits: the latest timeline entry of the post that holds the lane, and the number of
-- posts before this one (counted up to `limit`).
SELECT h.id AS first_id, e.at, e.message, e.detail, w.due_at,
       (SELECT count(*) FROM (
           SELECT FROM scheduled_posts q
            WHERE q.lane = w.lane AND q.status = 'queued'
              AND (coalesce(q.due_at, q.run_at), q.created_at, q.id) < (w.due_at, w.created_at, w.id)
                  LIMIT $2) b) AS between_count
  FROM (SELECT id, lane, created_at, coalesce(due_at, run_at) AS due_at FROM scheduled_posts WHERE id = $1
        AND status = 'queued' AND NOT is_held) w
  JOIN scheduled_posts h ON h.lane = w.lane AND h.status = 'publishing'
 CROSS JOIN LATERAL (SELECT at, event, message, detail FROM post_events WHERE post_id = h.id ORDER BY id DESC LIMIT 1) e
 WHERE e.event IN ('waiting', 'retrying');

-- name: project_exists(organization, environment, id)
SELECT true FROM projects WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: list_project_posts_desc(project, statuses, near_at, near_id, far, limit)
-- plan: custom
-- include: presswork.posts lists.sql page(<, >=, DESC)

-- name: list_project_posts_asc(project, statuses, near_at, near_id, far, limit)
-- plan: custom
-- include: presswork.posts lists.sql page(>, <=, ASC)

-- name: list_account_posts_desc(account, statuses, near_at, near_id, far, limit, project)
-- plan: custom
-- include: presswork.posts lists.sql page_of(social_account_id, social_accounts, <, >=, DESC)

-- name: list_account_posts_asc(account, statuses, near_at, near_id, far, limit, project)
-- plan: custom
-- include: presswork.posts lists.sql page_of(social_account_id, social_accounts, >, <=, ASC)

-- name: list_container_posts_desc(container, statuses, near_at, near_id, far, limit, project)
-- plan: custom
-- include: presswork.posts lists.sql page_of(container_id, content_containers, <, >=, DESC)

-- name: list_container_posts_asc(container, statuses, near_at, near_id, far, limit, project)
-- plan: custom
-- include: presswork.posts lists.sql page_of(container_id, content_containers, >, <=, ASC)

-- name: list_container_account_posts_desc(container, statuses, near_at, near_id, far, limit, project, account)
-- plan: custom
-- include: presswork.posts lists.sql page_of_container_account(<, >=, DESC)

-- name: list_container_account_posts_asc(container, statuses, near_at, near_id, far, limit, project, account)
-- plan: custom
-- include: presswork.posts lists.sql page_of_container_account(>, <=, ASC)

-- name: cancel_queued(project, account, now, why)
-- include: presswork.posts parts.sql cancel_queued((project_id = $1::uuid OR social_account_id = $2::uuid), $3, $4)

-- name: cancel_these(posts, now, why)
-- include: presswork.posts parts.sql cancel_queued(id = ANY($1::uuid[]), $2, $3)

-- name: find_state(organization, environment, id)
SELECT id, project_id, status, live_call_at, scheduled_for, canceled_at, updated_at, live_parts
  FROM scheduled_posts WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: cancel_post(organization, environment, id, now, message, detail)
-- While live_call_at is null and no part of a thread is live, nothing can be live, and after this the worker that has
-- leased the post can't set it: its version no longer matches. Must agree with PostState.cancel. Posts that waited in
-- the lane behind an attempted post become due again: each checks for itself whether it has to wait. All are locked by
-- ascending id first.
WITH own AS (
    SELECT id, lane, attempted_at FROM scheduled_posts
     WHERE id = $3 AND organization_id = $1 AND environment = $2
       AND status IN ('queued', 'publishing') AND live_call_at IS NULL AND live_parts = 0
), locked AS (
    SELECT p.id FROM scheduled_posts p
     WHERE p.id = ANY(ARRAY(
           SELECT id FROM own
           UNION ALL
           SELECT q.id FROM own JOIN scheduled_posts q ON q.lane = own.lane
            WHERE own.attempted_at IS NOT NULL AND q.status = 'queued' AND q.due_at IS NOT NULL))
     ORDER BY p.id FOR UPDATE
), canceled AS (
    UPDATE scheduled_posts p SET status = 'canceled', canceled_at = $4, leased_by = NULL, leased_until = NULL,
           updated_at = $4,
           version = version + 1
      FROM locked l
     WHERE p.id = $3 AND l.id = p.id AND p.status IN ('queued', 'publishing') AND p.live_call_at IS NULL
       AND p.live_parts = 0
    RETURNING p.id, p.status, p.live_call_at, p.scheduled_for, p.canceled_at, p.updated_at, p.lane, p.attempted_at,
              p.live_parts, p AS post
), behind AS (
    UPDATE scheduled_posts q SET run_at = q.due_at, due_at = NULL
      FROM locked l, canceled c
     WHERE q.id = l.id AND q.id <> c.id AND c.attempted_at IS NOT NULL AND q.lane = c.lane AND q.status = 'queued'
       AND q.due_at IS NOT NULL
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $4, 'canceled', $5, $6 FROM canceled
),
-- include: presswork.events outbox.sql post_changed(canceled, $4)
SELECT id, status, live_call_at, scheduled_for, canceled_at, updated_at, live_parts FROM canceled;

-- name: find_channel(organization, environment, id)
SELECT p.mode, a.login, a.app_id FROM scheduled_posts p JOIN social_accounts a ON a.id = p.social_account_id
 WHERE p.id = $3 AND p.organization_id = $1 AND p.environment = $2;

-- name: request_cancel(id, now)
-- Committed before the provider is asked to cancel, so that a worker that queries the provider can interpret the
-- reply. The version stays the same, so that the worker continues: the provider may refuse.
UPDATE scheduled_posts SET cancel_asked_at = coalesce(cancel_asked_at, $2)
 WHERE id = $1 AND status = 'publishing' AND live_call_at IS NOT NULL AND live_at IS NULL
RETURNING true;

-- name: cancel_with_provider(id, now, message, detail)
-- The provider has confirmed the cancel. A worker that has leased the post finds a different version and stops.
WITH canceled AS (
    UPDATE scheduled_posts p SET status = 'canceled', canceled_at = $2, leased_by = NULL, leased_until = NULL,
           updated_at = $2,
           version = version + 1
     WHERE id = $1 AND status = 'publishing' AND live_at IS NULL AND cancel_asked_at IS NOT NULL
    RETURNING p.id, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $2, 'canceled', $3, $4 FROM canceled
),
-- include: presswork.events outbox.sql post_changed(canceled, $2)
SELECT id FROM canceled;

-- name: reschedule_post(id, now, scheduled_for, run_at, message, detail)
-- Without `run_at` the post is due now, and its creation time, at most `now`, decides its place in the lane. Must agree
-- with PostState.reschedule.
WITH moved AS (
    UPDATE scheduled_posts p SET scheduled_for = $3,
           run_at = CASE WHEN is_held THEN run_at ELSE coalesce($4, least(created_at, $2)) END, due_at = NULL,
           missing_since = NULL,
           created_at = least(created_at, $2), updated_at = $2, version = version + 1
     WHERE id = $1 AND status = 'queued' AND live_call_at IS NULL
    RETURNING id, status, live_call_at, scheduled_for, canceled_at, updated_at, live_parts, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $2, 'rescheduled', $5, $6 FROM moved
),
-- include: presswork.events outbox.sql post_changed(moved, $2)
SELECT id, status, live_call_at, scheduled_for, canceled_at, updated_at, live_parts FROM moved;

-- name: lock_place(organization, environment, container)
-- In this order before the queue: see db/errors.py. An approval, which takes slots too, waits.
SELECT c.project_id FROM content_containers c JOIN projects p ON p.id = c.project_id
 WHERE c.id = $3 AND c.organization_id = $1 AND c.environment = $2 FOR NO KEY UPDATE OF c FOR KEY SHARE OF p;

-- name: find_movable(id, together, limit)
-- The post, and the others of its content that are due with it, as far as they can be moved.
SELECT o.id, o.project_id, o.queue_id, o.scheduled_for
  FROM scheduled_posts p
  JOIN scheduled_posts o ON o.container_id = p.container_id AND o.scheduled_for = p.scheduled_for
 WHERE p.id = $1 AND ($2 OR o.id = p.id) AND o.status = 'queued' AND o.live_call_at IS NULL
 ORDER BY o.id LIMIT $3;

-- name: lock_movable(ids)
-- Posts that can be moved, in the order of ids: see db/errors.py.
SELECT id, status, live_call_at, scheduled_for, canceled_at, updated_at, live_parts, queue_id, slot_at,
       social_account_id
  FROM scheduled_posts
 WHERE id = ANY($1::uuid[]) AND status = 'queued' AND live_call_at IS NULL
 ORDER BY id FOR NO KEY UPDATE;

-- name: lock_slots(queue, now, limit)
-- The posts of a queue that can be moved, whose slots are ahead, in the order of ids: see db/errors.py.
SELECT p.id, p.container_id, p.social_account_id, p.slot_at, p.created_at, p.scheduled_for
  FROM queue_holds h JOIN scheduled_posts p ON p.id = h.post_id
 WHERE h.queue_id = $1 AND h.slot_at > $2 AND p.queue_id = $1 AND p.status = 'queued' AND p.live_call_at IS NULL
 ORDER BY p.id LIMIT $3 FOR NO KEY UPDATE OF p;

-- name: free_slots(posts)
DELETE FROM queue_holds WHERE post_id = ANY($1::uuid[]);

-- name: move_posts(queue, now, posts, slots, times, details, message)
-- Posts that are locked, and have left their slots, get others of the queue; a hold is written for each. Like
-- reschedule_post. No row for a post that a worker has claimed.
WITH place AS (
    SELECT * FROM unnest($3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::text[])
        AS t(post_id, slot_at, scheduled_for, detail)
), moved AS (
    UPDATE scheduled_posts p SET queue_id = $1, slot_at = t.slot_at, scheduled_for = t.scheduled_for,
           run_at = CASE WHEN p.is_held THEN p.run_at
                         WHEN t.scheduled_for > $2 THEN t.scheduled_for ELSE least(p.created_at, $2) END,
           due_at = NULL, missing_since = NULL,
           created_at = least(p.created_at, $2), updated_at = $2, version = p.version + 1
      FROM place t
     WHERE p.id = t.post_id AND p.status = 'queued' AND p.live_call_at IS NULL
    RETURNING p.id, p.status, p.live_call_at, p.scheduled_for, p.canceled_at, p.updated_at, p.live_parts,
              p.slot_at, p.social_account_id, p AS post
), hold AS (
    INSERT INTO queue_holds (queue_id, slot_at, social_account_id, post_id)
    SELECT $1, slot_at, social_account_id, id FROM moved
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail)
    SELECT m.id, $2, 'rescheduled', $7, t.detail FROM moved m JOIN place t ON t.post_id = m.id
),
-- include: presswork.events outbox.sql post_changed(moved, $2)
SELECT id, status, live_call_at, scheduled_for, canceled_at, updated_at, live_parts FROM moved;

-- name: find_editable(organization, environment, id)
SELECT p.id, p.container_id, p.social_account_id, p.mode, p.status, p.live_call_at, p.caption_override,
       p.first_comment_override, p.options, p.revision, p.version,
-- include: presswork.events document.sql document(p)
  FROM scheduled_posts p WHERE p.id = $3 AND p.organization_id = $1 AND p.environment = $2;

-- name: edit_post(id, version, now, caption, first_comment, options, message, detail, adds_words, fill)
-- No row back: a worker has claimed the post, or another call has changed it, since it was read. A worker reads texts
-- and options after the commit of its claim, so it has these, or wins. If the post waits for an approval, its content
-- has a new revision: no reviewer approves unseen words.
WITH edited AS (
    UPDATE scheduled_posts p SET caption_override = $4, first_comment_override = $5, options = $6,
           fill = $10::text::jsonb, revision = revision + 1, updated_at = $3, version = version + 1
     WHERE id = $1 AND version = $2 AND status = 'queued' AND live_call_at IS NULL
    RETURNING p.id, p AS post
), raised AS (
    UPDATE content_containers c SET revision = c.revision + 1
      FROM edited e
     WHERE c.id = (e.post).container_id AND $9::bool AND (e.post).is_held AND c.is_covered
       AND c.approval_status = 'pending'
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $3, 'edited', $7, $8 FROM edited
),
-- include: presswork.events outbox.sql post_changed(edited, $3)
SELECT
-- include: presswork.events document.sql document((e.post))
  FROM edited e;

-- name: find_former(organization, environment, id)
SELECT id, coalesce(republish_of, id) AS first_id, container_id, social_account_id, mode, status, caption_override,
       first_comment_override, options
  FROM scheduled_posts WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: latest_republished(first, without)
-- Of the posts that were published again from one another, the one that is open or delivered, else the latest;
-- `without` is one that is left out, or null.
SELECT p.id, p.status, p.last_error::json ->> 'code' AS error_code
  FROM (SELECT id, status, last_error, 0 AS place FROM scheduled_posts
         WHERE republish_of = $1 AND id IS DISTINCT FROM $2::uuid AND status NOT IN ('failed', 'canceled')
        UNION ALL
        (SELECT id, status, last_error, 1 FROM scheduled_posts
          WHERE republish_of = $1 AND id IS DISTINCT FROM $2::uuid ORDER BY created_at DESC, id DESC LIMIT 1)
        UNION ALL
        SELECT id, status, last_error, 2 FROM scheduled_posts WHERE id = $1) p
 ORDER BY p.place LIMIT 1;

-- name: link_republished(new, first, new_detail, former, now, former_message, former_detail)
-- The new post has one timeline entry. The unique index refuses a second post that is open or delivered.
WITH linked AS (
    UPDATE scheduled_posts SET republish_of = $2 WHERE id = $1
), named AS (
    UPDATE post_events SET detail = $3 WHERE post_id = $1
)
INSERT INTO post_events (post_id, at, event, message, detail) VALUES ($4, $5, 'queued', $6, $7);

-- name: lock_open_posts(container)
-- The lock decides between an edit and a worker: a worker that claims does not wait for it, and one that has claimed is
-- seen.
SELECT id, status, live_call_at, is_held FROM scheduled_posts
 WHERE container_id = $1 AND status IN ('queued', 'publishing') ORDER BY id FOR UPDATE;

-- name: posts_to_refill(container)
-- The queued posts of a container whose project fills in texts, or did when they were created. Their content is locked.
SELECT p.id, p.social_account_id, p.platform, p.mode, p.caption_override, p.first_comment_override, p.options,
       p.fill::text AS own_fill, j.fill::text AS fill, c.caption, c.first_comment, c.link, c.parts
  FROM content_containers c JOIN projects j ON j.id = c.project_id
  JOIN scheduled_posts p ON p.container_id = c.id AND p.status = 'queued'
 WHERE c.id = $1 AND (j.fill IS NOT NULL OR p.fill IS NOT NULL) ORDER BY p.id FOR UPDATE OF p;

-- name: set_fills(fills)
-- A post that a worker has claimed meanwhile keeps what it has.
UPDATE scheduled_posts p SET fill = f.value::jsonb, version = p.version + 1
  FROM json_each_text($1::json) f WHERE p.id = f.key::uuid AND p.status = 'queued';

-- name: posts_that_need(container, needs_texts, limit)
-- The posts that need the media of their content, or its texts: open ones, and live ones to which something is added.
-- A change of a live post is kept with its texts until it is made.
SELECT p.id FROM scheduled_posts p LEFT JOIN post_follow_ups f ON f.post_id = p.id
  LEFT JOIN live_changes c ON c.post_id = p.id
 WHERE p.container_id = $1
   AND (p.status IN ('queued', 'publishing') OR f.needs_extras
        OR ($2::boolean AND (f.needs_comment OR c.edit IS NOT NULL)))
 ORDER BY p.id LIMIT $3;

-- name: erase_posts(container, message)
-- The posts have ended. Their states keep no text but what identifies them at the platform.
WITH post AS (
    UPDATE scheduled_posts SET caption_override = NULL, first_comment_override = NULL, options = NULL, last_edit = NULL,
           fill = NULL
     WHERE container_id = $1 RETURNING id
), entry AS (
    UPDATE post_events SET message = $2, detail = '{}' WHERE post_id IN (SELECT id FROM post)
)
SELECT count(*) FROM post;

-- name: owes_comment(container)
SELECT EXISTS (SELECT FROM scheduled_posts p JOIN post_follow_ups f ON f.post_id = p.id
                WHERE p.container_id = $1 AND f.needs_comment);

-- name: keep_texts(container, caption, first_comment)
-- A text that is null is kept already. The version stays: the worker that has the post continues with the same texts.
UPDATE scheduled_posts p
   SET caption_override = coalesce(p.caption_override, $2),
       first_comment_override = coalesce(p.first_comment_override, $3)
 WHERE p.container_id = $1
   AND (p.status = 'publishing'
        OR EXISTS (SELECT FROM post_follow_ups f WHERE f.post_id = p.id AND f.needs_comment));

-- name: hold_posts(container, now, message, caption, first_comment)
-- An override that repeats the content's former text, which is no longer approved, is dropped.
-- At 'infinity' a post is not due, does not hold its lane, and is not in any worker's way.
WITH held AS (
    UPDATE scheduled_posts SET is_held = true, run_at = 'infinity', due_at = NULL, missing_since = NULL,
           caption_override = nullif(caption_override, $4),
           first_comment_override = nullif(first_comment_override, $5), updated_at = $2, version = version + 1
     WHERE container_id = $1 AND status = 'queued' AND NOT is_held RETURNING id
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $2, 'waiting', $3, '{}' FROM held
)
SELECT count(*) FROM held;

-- name: release_posts(container, now, message)
-- A post whose time has passed is due now, at the place in its lane that it had.
WITH released AS (
    UPDATE scheduled_posts SET is_held = false,
           run_at = CASE WHEN scheduled_for > $2 THEN scheduled_for ELSE least(created_at, $2) END,
           updated_at = $2, version = version + 1
     WHERE container_id = $1 AND status = 'queued' AND is_held RETURNING id
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $2, 'queued', $3, '{}' FROM released
)
SELECT count(*) FROM released;

-- name: cancel_held_posts(container, now, message)
-- Except those that may have gone live before they were restored from a backup.
WITH canceled AS (
    UPDATE scheduled_posts p SET status = 'canceled', canceled_at = $2, updated_at = $2, version = version + 1
     WHERE container_id = $1 AND status = 'queued' AND is_held AND live_call_at IS NULL RETURNING id, p AS post
), entry AS (
    INSERT INTO post_events (post_id, at, event, message, detail) SELECT id, $2, 'canceled', $3, '{}' FROM canceled
),
-- include: presswork.events outbox.sql post_changed(canceled, $2)
SELECT count(*) FROM canceled;

-- name: waiting_overrides(container)
-- The texts of single accounts among the calls and posts that wait for the content's approval.
SELECT i.id, i.targets, NULL::uuid AS account_id, NULL AS mode, NULL AS caption, NULL AS first_comment, NULL AS options
  FROM schedule_intents i WHERE i.container_id = $1
UNION ALL
SELECT p.id, NULL, p.social_account_id, p.mode, p.caption_override, p.first_comment_override, p.options
  FROM scheduled_posts p WHERE p.container_id = $1 AND p.status = 'queued' AND p.is_held
 ORDER BY id;

-- name: places_of_intents(container)
-- The slots that the intents of a container hold.
SELECT DISTINCT h.intent_id, h.queue_id, h.slot_at
  FROM schedule_intents i JOIN queue_holds h ON h.intent_id = i.id
 WHERE i.container_id = $1;

-- name: take_intents(container, limit)
DELETE FROM schedule_intents WHERE id IN (
    SELECT id FROM schedule_intents WHERE container_id = $1 ORDER BY created_at, id LIMIT $2)
RETURNING id, scheduled_for, targets, created_at, recurrence_id;

-- name: drop_intents(container)
WITH dropped AS (DELETE FROM schedule_intents WHERE container_id = $1 RETURNING id)
SELECT count(*) FROM dropped;

-- name: wake_post(id, now)
-- Whether the post or its follow-up waited.
WITH waiting AS (
    UPDATE scheduled_posts SET leased_until = $2
     WHERE id = $1 AND status = 'publishing' AND leased_by IS NULL AND leased_until > $2 RETURNING id
), follow_up AS (
    UPDATE post_follow_ups SET run_at = $2 WHERE post_id = $1 AND run_at > $2 RETURNING post_id
)
SELECT EXISTS (SELECT FROM waiting) OR EXISTS (SELECT FROM follow_up);
