-- name: insert_container(id, project, org, env, status, approval, media_type, caption, comment, now, review)
-- `review` has what its approval needs, as JSON.
WITH review AS (
    SELECT is_covered, event_link, steps, done_steps, after_hours, repeat_hours
      FROM json_to_record($11::json) AS r(is_covered boolean, event_link text, steps text, done_steps smallint,
                                          after_hours int, repeat_hours int)
), inserted AS (
    INSERT INTO content_containers AS c (id, project_id, organization_id, environment, status, approval_status,
                                         media_type, caption, first_comment, created_at, updated_at, is_covered,
                                         event_link, review_steps, done_steps)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, r.is_covered, r.event_link, r.steps, r.done_steps
      FROM review r RETURNING c AS container
), reminder AS (
    INSERT INTO content_reminders (container_id, after, repeat_after, due_at)
    SELECT $1, make_interval(hours => r.after_hours), make_interval(hours => r.repeat_hours),
           CASE WHEN $5 = 'completed' AND $6 = 'pending'
                THEN $10::timestamptz + make_interval(hours => r.after_hours) END
      FROM review r WHERE r.after_hours IS NOT NULL
), waiting AS (
    SELECT container FROM inserted
     WHERE (container).status = 'completed' AND (container).approval_status = 'pending'
),
-- include: presswork.events outbox.sql content_changed(waiting, $10, 'pending')
SELECT true FROM inserted;

-- name: set_link(container, link)
UPDATE content_containers SET link = $2 WHERE id = $1;

-- name: used_labels(organization, environment, projects, counted, limit)
-- plan: custom
-- Read from an index that has only content with labels.
SELECT t.label, count(*) AS content_count
  FROM (SELECT labels FROM content_containers
         WHERE organization_id = $1 AND environment = $2 AND ($3::uuid[] IS NULL OR project_id = ANY($3))
           AND labels <> '{}' AND status NOT IN ('canceled', 'deleted') LIMIT $4) c
 CROSS JOIN LATERAL unnest(c.labels) AS t(label)
 GROUP BY t.label ORDER BY count(*) DESC, t.label LIMIT $5;

-- name: set_labels(container, labels)
UPDATE content_containers SET labels = $2 WHERE id = $1;

-- name: set_parts(container, parts, media_type)
UPDATE content_containers SET parts = $2, media_type = $3 WHERE id = $1;

-- name: set_parts_of_posts(container, parts)
-- A post that is published as a thread shows its parts while it is queued.
UPDATE scheduled_posts SET parts = $2
 WHERE container_id = $1 AND status = 'queued' AND parts IS NOT NULL;

-- name: take_assets(container)
-- Media that stay come back at other positions (return_assets). Positions are unique, so no update could swap two.
DELETE FROM media_assets m WHERE container_id = $1
RETURNING m.id, m.object_key, m.thumbnail_key, m.poster_key, row_to_json(m)::text AS asset;

-- name: take_renditions(container, assets)
-- Of these media; of all if it is null. A conversion has the id of its first file in its key.
DELETE FROM media_renditions
 WHERE container_id = $1 AND ($2::uuid[] IS NULL OR split_part(object_key, '/', 2) = ANY($2::uuid[]::text[]))
RETURNING object_key;

-- name: delete_container(id, now)
WITH reminder AS (
    DELETE FROM content_reminders WHERE container_id = $1
)
UPDATE content_containers
   SET status = 'deleted', deleted_at = $2, media_removed_at = coalesce(media_removed_at, $2), updated_at = $2
 WHERE id = $1;

-- name: report_deletion(id, now)
-- After the words are erased, which the event would have.
WITH deleted AS (
    SELECT c AS container FROM content_containers c WHERE id = $1
),
-- include: presswork.events outbox.sql content_changed(deleted, $2, 'deleted')
SELECT true FROM deleted;

-- name: mark_media_removed(id, now)
UPDATE content_containers SET media_removed_at = $2, updated_at = $2 WHERE id = $1;

-- name: remove_assets(container, now, with_previews)
-- Returns the objects that no row names any more. No preview is tried again: its original is gone.
WITH former AS (
    SELECT id, object_key, assembly_key, thumbnail_key, poster_key, size_bytes, removed_at FROM media_assets
     WHERE container_id = $1 ORDER BY id FOR UPDATE
), removed AS (
    UPDATE media_assets a
       SET removed_at = coalesce(a.removed_at, $2::timestamptz), preview_attempts = 3,
           thumbnail_key = CASE WHEN NOT $3::boolean THEN a.thumbnail_key END,
           poster_key = CASE WHEN NOT $3::boolean THEN a.poster_key END
      FROM former f WHERE a.id = f.id
)
SELECT k.key FROM former f
 CROSS JOIN LATERAL (VALUES (CASE WHEN f.size_bytes IS NOT NULL AND f.removed_at IS NULL THEN f.object_key END),
                            (f.assembly_key), (CASE WHEN $3::boolean THEN f.thumbnail_key END),
                            (CASE WHEN $3::boolean THEN f.poster_key END)) AS k(key)
 WHERE k.key IS NOT NULL
UNION ALL
SELECT link::json #>> '{picture,object_key}' FROM content_containers
 WHERE id = $1 AND $3::boolean AND link::json #>> '{picture,object_key}' IS NOT NULL
 ORDER BY 1 LIMIT 200;

-- name: erase_waiting_events(container, project)
-- Of which people are still to be notified. A worker that makes notices of them now is waited for, so that the next
-- statement sees these.
WITH waiting AS (
    SELECT position, subject_id FROM notice_events WHERE project_id = $2 ORDER BY position FOR UPDATE
)
DELETE FROM notice_events WHERE position IN (
    SELECT position FROM waiting
     WHERE subject_id = $1 OR subject_id IN (SELECT id FROM scheduled_posts WHERE container_id = $1));

-- name: erase_container(id, now)
-- All words of deleted content. What names its media by their hashes stays. With its notices go the messages that wait
-- to be sent.
WITH erased AS (
    UPDATE content_containers
       SET erased_at = $2, updated_at = $2, caption = '', first_comment = NULL, link = NULL, parts = NULL,
           labels = '{}', review_steps = NULL, done_steps = NULL,
           decision_note = NULL, reviewer_name = NULL, reviewed_texts = NULL, approved_overrides = NULL
     WHERE id = $1 RETURNING id
), asset AS (
    UPDATE media_assets SET alt_text = NULL, filename = NULL WHERE container_id = $1
), review AS (
    UPDATE content_reviews SET note = NULL, by_name = NULL WHERE container_id = $1
), comment AS (
    DELETE FROM content_comments WHERE container_id = $1
), text AS (
    UPDATE text_messages SET body = ''
     WHERE container_id = $1 AND status NOT IN ('queued', 'sending')
), noticed AS (
    DELETE FROM notices WHERE container_id = $1
)
SELECT true FROM erased;

-- name: erase_visits(container, project)
-- What browsers at the pages of review links have seen of the content.
UPDATE review_visitors v SET seen = v.seen - $1::uuid::text, before = v.before - $1::uuid::text
  FROM page_links l
 WHERE l.project_id = $2 AND l.kind = 'review_link' AND $1 = ANY(l.container_ids) AND v.link_id = l.id;

-- name: erase_drafts(project, container)
-- Drafts of composers that were made of the content.
DELETE FROM composer_drafts WHERE project_id = $1 AND position($2 IN body) > 0;

-- name: erase_log_later(container, position, until)
-- The logs of webhook deliveries have no index by the object of an event.
INSERT INTO content_erasures (container_id, organization_id, subject_ids, position, until)
SELECT c.id, c.organization_id,
       c.id || ARRAY(SELECT p.id FROM scheduled_posts p WHERE p.container_id = c.id ORDER BY p.id LIMIT 100000), $2, $3
  FROM content_containers c WHERE c.id = $1
ON CONFLICT (container_id) DO NOTHING;

-- name: lock_erasure()
SELECT container_id, organization_id, subject_ids, position, until FROM content_erasures
 ORDER BY container_id LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: erase_log(organization, subjects, position, until, limit)
-- The next deliveries of the log. Those about the content keep what identifies them; the words are gone.
WITH page AS MATERIALIZED (
    SELECT d.id, d.organization_id, d.subject_id FROM webhook_deliveries d
     WHERE d.id > $3 AND d.id <= $4 ORDER BY d.id LIMIT $5
), found AS (
    SELECT id FROM page WHERE organization_id = $1 AND subject_id = ANY($2::uuid[])
), locked AS (
    SELECT d.id FROM webhook_deliveries d WHERE d.id IN (SELECT id FROM found) ORDER BY d.id FOR UPDATE
), erased AS (
    UPDATE webhook_deliveries d SET data = (
           SELECT json_object_agg(f.key, CASE WHEN f.key IN ('caption', 'text') THEN '""'::json
                                              WHEN f.key = 'steps' THEN '[]'::json
                                              WHEN f.key IN ('firstComment', 'link', 'parts', 'reviewNote',
                                                             'reviewerName', 'author', 'captionOverride',
                                                             'firstCommentOverride')
                                                OR f.key LIKE '%PostSettings' THEN 'null'::json
                                              ELSE f.value END ORDER BY f.place)::text
             FROM json_each(d.data::json) WITH ORDINALITY AS f(key, value, place))
     WHERE d.id IN (SELECT id FROM locked) RETURNING d.id
)
SELECT (SELECT count(*) FROM page) AS read_count, (SELECT max(id::text)::uuid FROM page) AS position,
       (SELECT count(*) FROM erased) AS erased_count;

-- name: move_erasure(container, position)
UPDATE content_erasures SET position = $2 WHERE container_id = $1;

-- name: end_erasure(container)
DELETE FROM content_erasures WHERE container_id = $1;

-- name: retention_page(after_at, after_id, ended_before, limit)
-- The next completed containers with media, each with whether its media may go: all its posts ended that long ago, and
-- it has one. Nothing waits: no post, no schedule call, no recurrence, no decision, and nothing that follows a live
-- post.
SELECT c.created_at, c.id,
       c.approval_status <> 'pending' AND p.count > 0 AND p.is_over
       AND NOT EXISTS (SELECT FROM schedule_intents i WHERE i.container_id = c.id)
       AND NOT EXISTS (SELECT FROM recurrences r WHERE r.container_id = c.id AND r.run_at IS NOT NULL) AS is_due
  FROM (SELECT id, created_at, approval_status FROM content_containers
         WHERE status = 'completed' AND media_removed_at IS NULL AND media_type <> 'text'
           AND (created_at, id) > ($1::timestamptz, $2::uuid) AND created_at < $3
         ORDER BY created_at, id LIMIT $4) c
 CROSS JOIN LATERAL (
       SELECT count(*) AS count,
              bool_and(s.status NOT IN ('queued', 'publishing') AND s.updated_at < $3
                       AND NOT EXISTS (SELECT FROM post_follow_ups f WHERE f.post_id = s.id)) AS is_over
         FROM scheduled_posts s WHERE s.container_id = c.id) p
 ORDER BY c.created_at, c.id;

-- name: lock_retained(id)
-- A publish call has locked it first, or waits.
SELECT id FROM content_containers WHERE id = $1 AND status = 'completed' AND media_removed_at IS NULL FOR UPDATE;

-- name: is_media_due(id, ended_before)
-- The same as in retention_page, after the lock.
SELECT c.approval_status <> 'pending'
       AND EXISTS (SELECT FROM scheduled_posts s WHERE s.container_id = c.id)
       AND NOT EXISTS (SELECT FROM scheduled_posts s LEFT JOIN post_follow_ups f ON f.post_id = s.id
                        WHERE s.container_id = c.id
                          AND (s.status IN ('queued', 'publishing') OR s.updated_at >= $2 OR f.post_id IS NOT NULL))
       AND NOT EXISTS (SELECT FROM schedule_intents i WHERE i.container_id = c.id)
       AND NOT EXISTS (SELECT FROM recurrences r WHERE r.container_id = c.id AND r.run_at IS NOT NULL)
  FROM content_containers c WHERE c.id = $1;

-- name: return_assets(assets)
-- All columns, as they were taken.
INSERT INTO media_assets SELECT * FROM json_populate_recordset(NULL::media_assets, $1::json);

-- name: insert_assets(container, organization, environment, now, assets)
INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, filename,
                          declared_content_type, declared_size_bytes, content_type, size_bytes, sha256, width, height,
                          duration_ms, video_codec, audio_codec, frame_rate, created_at, verified_at, probe, alt_text,
                          thumbnail_key, poster_key, part_size_bytes, pages)
SELECT a.id, $1, $2, $3, a.position, a.object_key, a.filename, a.declared_content_type, a.declared_size_bytes,
       a.content_type, a.size_bytes, a.sha256, a.width, a.height, a.duration_ms, a.video_codec, a.audio_codec,
       a.frame_rate, $4::timestamptz, CASE WHEN a.sha256 IS NOT NULL THEN $4::timestamptz END, a.probe,
       a.alt_text, a.thumbnail_key, a.poster_key, a.part_size_bytes, a.pages
  FROM json_populate_recordset(NULL::media_assets, $5::json) AS a;

-- name: lock_organization(organization)
SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: count_media_bytes(organization)
-- Bytes of an organization's stored files, and of the files that its open uploads promise: triggers keep the number.
SELECT coalesce((SELECT size_bytes FROM media_usage WHERE organization_id = $1), 0);

-- name: count_decisions(project, limit)
SELECT count(*) FROM (
    SELECT 1 FROM content_containers WHERE project_id = $1 AND decided_at IS NOT NULL LIMIT $2
) AS decided;

-- name: count_pending(project)
-- Completed content that waits for a decision.
SELECT count(*) FROM content_containers WHERE project_id = $1 AND approval_status = 'pending' AND status = 'completed';

-- name: find_container(id, organization, environment)
-- One row per media file, in order. One statement, so that all rows are from one snapshot.
SELECT
-- include: presswork.content lists.sql container()
  FROM content_containers c LEFT JOIN media_assets a ON a.container_id = c.id
 WHERE c.id = $1 AND c.organization_id = $2 AND c.environment = $3
 ORDER BY a.position LIMIT 35;

-- name: find_containers(ids, organization, environment)
-- As above, of several containers.
SELECT
-- include: presswork.content lists.sql container()
  FROM content_containers c LEFT JOIN media_assets a ON a.container_id = c.id
 WHERE c.id = ANY($1::uuid[]) AND c.organization_id = $2 AND c.environment = $3
 ORDER BY c.id, a.position LIMIT 3500;

-- name: lock_container(id, organization, environment)
SELECT id FROM content_containers WHERE id = $1 AND organization_id = $2 AND environment = $3 FOR UPDATE;

-- name: search_all_desc(org, environment, statuses, approvals, at, id, far, limit, filter, scanned)
-- plan: custom
WITH
-- include: presswork.content lists.sql search(c.organization_id = $1 AND c.environment = $2, <, >=, DESC, ASC)

-- name: search_all_asc(org, environment, statuses, approvals, at, id, far, limit, filter, scanned)
-- plan: custom
WITH
-- include: presswork.content lists.sql search(c.organization_id = $1 AND c.environment = $2, >, <=, ASC, DESC)

-- name: search_project_desc(org, environment, statuses, approvals, at, id, far, limit, filter, scanned, project)
-- plan: custom
WITH project AS MATERIALIZED (
    SELECT id FROM projects WHERE id = $11 AND organization_id = $1 AND environment = $2
),
-- include: presswork.content lists.sql search(c.project_id = (SELECT id FROM project), <, >=, DESC, ASC)

-- name: search_project_asc(org, environment, statuses, approvals, at, id, far, limit, filter, scanned, project)
-- plan: custom
WITH project AS MATERIALIZED (
    SELECT id FROM projects WHERE id = $11 AND organization_id = $1 AND environment = $2
),
-- include: presswork.content lists.sql search(c.project_id = (SELECT id FROM project), >, <=, ASC, DESC)

-- name: edit_container(id, caption, first_comment, now)
UPDATE content_containers SET caption = $2, first_comment = $3, updated_at = $4 WHERE id = $1;

-- name: raise_revision(id, reviewed_texts)
UPDATE content_containers SET revision = revision + 1, reviewed_texts = coalesce(reviewed_texts, $2) WHERE id = $1;

-- name: reopen_container(id, now, link, steps)
-- An edit takes the approval, or those of its steps, back. `decided_at` stays: first-N counts decisions.
WITH reopened AS (
    UPDATE content_containers c SET approval_status = 'pending', decision_note = NULL, reviewer_name = NULL,
           approved_overrides = NULL, event_link = $3, review_steps = $4::text,
           done_steps = CASE WHEN $4::text IS NOT NULL THEN 0 END, updated_at = $2
     WHERE id = $1 RETURNING c AS container
), reminder AS (
    UPDATE content_reminders r SET due_at = $2 + r.after
      FROM reopened WHERE r.container_id = $1 AND (container).status = 'completed'
), waiting AS (
    SELECT container FROM reopened WHERE (container).status = 'completed'
),
-- include: presswork.events outbox.sql content_changed(waiting, $2, 'pending')
SELECT true FROM reopened;

-- name: approve_step(id, at, by, note, texts, name, steps, step, done_steps, is_next)
-- `by` is as below. Those who decide the next step learn of it by an event. The container stays pending, so
-- `decided_at` is not set: first-N counts decisions.
WITH moved AS (
    UPDATE content_containers c SET decision_note = NULL, reviewed_texts = $5, reviewer_name = NULL,
           review_steps = $7, done_steps = $9, updated_at = $2
     WHERE id = $1 RETURNING c AS container, revision
), review AS (
    INSERT INTO content_reviews (container_id, at, by_key, by_user, by_link, at_portal, by_name, decision, note,
                                 revision, step)
    SELECT $1, $2, CASE left($3, 4) WHEN 'key_' THEN substr($3, 5)::uuid END,
           CASE left($3, 4) WHEN 'usr_' THEN substr($3, 5)::uuid END,
           CASE WHEN left($3, 4) IN ('rvl_', 'ptl_') THEN substr($3, 5)::uuid END, left($3, 4) = 'ptl_', $6,
           'approved', $4, revision, $8 FROM moved
), reminder AS (
    UPDATE content_reminders r SET due_at = $2 + r.after FROM moved WHERE r.container_id = $1 AND $10
), waiting AS (
    SELECT container FROM moved WHERE $10
),
-- include: presswork.events outbox.sql content_changed(waiting, $2, 'pending')
SELECT true FROM moved;

-- name: remind(now, limit)
-- One reminder of each container that is due, and the time of its next one. A decision that is being made is waited
-- for, until the next round. An archived project sends none.
WITH due AS (
    SELECT r.container_id, c AS container, p.status = 'active' AS is_active
      FROM content_reminders r JOIN content_containers c ON c.id = r.container_id
      JOIN projects p ON p.id = c.project_id
     WHERE r.due_at <= coalesce($1::timestamptz, now())
     ORDER BY r.due_at, r.container_id LIMIT $2 FOR UPDATE OF r, c SKIP LOCKED
), moved AS (
    UPDATE content_reminders r
       SET due_at = CASE WHEN d.is_active AND (d.container).status = 'completed'
                          AND (d.container).approval_status = 'pending'
                         THEN r.due_at + r.repeat_after
                              * (1 + floor(extract(epoch FROM coalesce($1::timestamptz, now()) - r.due_at)
                                           / extract(epoch FROM r.repeat_after))) END
      FROM due d WHERE r.container_id = d.container_id
), waiting AS (
    SELECT container FROM due
     WHERE is_active AND (container).status = 'completed' AND (container).approval_status = 'pending'
),
-- include: presswork.events outbox.sql content_changed(waiting, coalesce($1::timestamptz, now()), 'reminder')
SELECT count(*) FROM due;

-- name: decide_container(id, approval_status, at, by, note, texts, approved_overrides, fingerprint, name, steps)
-- `by` is the public id of the key, of the user or of the link, `name` what a person at the link's page gave.
-- `steps` is a JSON object: the steps with their approvals, how many are done, and the name of the one that was decided
-- on.
WITH decided AS (
    UPDATE content_containers c SET approval_status = $2, decided_at = $3, decision_note = $5,
           decided_by_key = CASE left($4, 4) WHEN 'key_' THEN substr($4, 5)::uuid END,
           decided_by_user = CASE left($4, 4) WHEN 'usr_' THEN substr($4, 5)::uuid END,
           decided_by_link = CASE WHEN left($4, 4) IN ('rvl_', 'ptl_') THEN substr($4, 5)::uuid END,
           decided_at_portal = left($4, 4) = 'ptl_', reviewer_name = $9,
           reviewed_texts = $6, approved_overrides = $7, updated_at = $3, review_steps = $10::json ->> 'steps',
           done_steps = ($10::json ->> 'done')::smallint
     WHERE id = $1 RETURNING c AS container, revision
), review AS (
    INSERT INTO content_reviews (container_id, at, by_key, by_user, by_link, at_portal, by_name, decision, note,
                                 revision, fingerprint, step)
    SELECT $1, $3, (container).decided_by_key, (container).decided_by_user, (container).decided_by_link,
           (container).decided_at_portal, $9, $2, $5, revision, $8, $10::json ->> 'step' FROM decided
), reminder AS (
    UPDATE content_reminders SET due_at = NULL WHERE container_id = $1
),
-- include: presswork.events outbox.sql content_changed(decided, $3, (container).approval_status)
SELECT true FROM decided;

-- name: request_changes(id, at, by, note, texts, name, step)
-- `by` and `name` are as above.
-- The container stays pending, so `decided_at` is not set: first-N counts decisions.
WITH asked AS (
    UPDATE content_containers c SET decision_note = $4, reviewed_texts = $5, reviewer_name = $6, updated_at = $2
     WHERE id = $1 RETURNING c AS container, revision
), review AS (
    INSERT INTO content_reviews (container_id, at, by_key, by_user, by_link, at_portal, by_name, decision, note,
                                 revision, step)
    SELECT $1, $2, CASE left($3, 4) WHEN 'key_' THEN substr($3, 5)::uuid END,
           CASE left($3, 4) WHEN 'usr_' THEN substr($3, 5)::uuid END,
           CASE WHEN left($3, 4) IN ('rvl_', 'ptl_') THEN substr($3, 5)::uuid END, left($3, 4) = 'ptl_', $6,
           'changes_requested', $4, revision, $7 FROM asked
),
-- include: presswork.events outbox.sql content_changed(asked, $2, 'changes_requested')
SELECT true FROM asked;

-- name: list_reviews(container, limit)
-- Beyond the limit, the latest ones.
SELECT r.at, coalesce('key_' || r.by_key, 'usr_' || r.by_user,
       CASE WHEN r.at_portal THEN 'ptl_' ELSE 'rvl_' END || r.by_link) AS by,
       coalesce(r.by_name, u.name) AS by_name, r.decision, r.note, r.revision, r.step
  FROM (SELECT id, at, by_key, by_user, by_link, at_portal, by_name, decision, note, revision, step
          FROM content_reviews
         WHERE container_id = $1 ORDER BY id DESC LIMIT $2) r
  LEFT JOIN users u ON u.id = r.by_user
 ORDER BY r.id;

-- name: list_reviews_of(containers, limit)
-- As above, of several containers.
SELECT c.id AS container_id, r.at, coalesce('key_' || r.by_key, 'usr_' || r.by_user,
       CASE WHEN r.at_portal THEN 'ptl_' ELSE 'rvl_' END || r.by_link) AS by,
       coalesce(r.by_name, u.name) AS by_name, r.decision, r.note, r.revision, r.step
  FROM unnest($1::uuid[]) AS c (id)
 CROSS JOIN LATERAL (SELECT id, at, by_key, by_user, by_link, at_portal, by_name, decision, note, revision, step
                       FROM content_reviews
                      WHERE container_id = c.id ORDER BY id DESC LIMIT $2) r
  LEFT JOIN users u ON u.id = r.by_user
 ORDER BY r.id LIMIT 10000;

-- name: list_intents(container, limit)
SELECT i.id, i.scheduled_for, i.targets, i.created_at, i.recurrence_id, h.queue_id, h.slot_at
  FROM schedule_intents i
  LEFT JOIN LATERAL (SELECT queue_id, slot_at FROM queue_holds WHERE intent_id = i.id LIMIT 1) h ON true
 WHERE i.container_id = $1 ORDER BY i.created_at, i.id LIMIT $2;

-- name: places_of(containers, organization, environment)
-- The projects of containers that were not deleted.
SELECT id, project_id FROM content_containers
 WHERE id = ANY($1::uuid[]) AND organization_id = $2 AND environment = $3 AND status <> 'deleted'
 ORDER BY id LIMIT 100;

-- name: planned_posts(containers)
-- The schedule calls and the posts of each container that are not over, and those that are live, with their texts.
-- `status` is NULL while an approval is missing.
SELECT i.id, i.container_id, i.scheduled_for, NULL AS status, i.targets, NULL::uuid AS account_id, NULL AS mode,
       NULL AS caption, NULL AS first_comment, NULL AS options, NULL AS fill
  FROM schedule_intents i WHERE i.container_id = ANY($1::uuid[])
UNION ALL
SELECT p.id, p.container_id, p.scheduled_for, CASE WHEN NOT (p.status = 'queued' AND p.is_held) THEN p.status END,
       NULL, p.social_account_id, p.mode, p.caption_override, p.first_comment_override, p.options, p.fill::text
  FROM scheduled_posts p
 WHERE p.container_id = ANY($1::uuid[]) AND p.status IN ('queued', 'publishing', 'published', 'draft')
 ORDER BY scheduled_for, id LIMIT 1000;

-- name: account_names(accounts, organization, environment)
SELECT id, platform, handle FROM social_accounts
 WHERE id = ANY($1::uuid[]) AND organization_id = $2 AND environment = $3 ORDER BY id LIMIT 1000;

-- name: role_of(user)
SELECT role FROM users WHERE id = $1;

-- name: roles_in_project(users, organization, project)
-- Of those who may sign in, or are invited, and see the project.
SELECT id, role FROM users
 WHERE id = ANY($1::uuid[]) AND organization_id = $2 AND disabled_at IS NULL
   AND (project_ids IS NULL OR $3 = ANY(project_ids))
 ORDER BY id LIMIT 200;

-- name: is_heard(organization, environment, project)
-- Whether an endpoint is subscribed to events about content that waits for a decision.
SELECT EXISTS (SELECT FROM event_listeners
                WHERE organization_id = $1 AND environment = $2 AND 'content.pending' = ANY(events)
                  AND NOT is_for_people AND (project_id IS NULL OR project_id = $3));

-- name: find_visitor(link, visitor)
SELECT name, seen, before, began_at FROM review_visitors WHERE link_id = $1 AND visitor = $2;

-- name: write_visit(link, visitor, seen, before, began_at)
-- No more than 100 browsers for each link: a crawler that keeps no cookies is a new one each time.
INSERT INTO review_visitors AS v (link_id, visitor, seen, before, began_at)
SELECT $1, $2, $3, $4, $5
 WHERE (SELECT count(*) FROM (SELECT 1 FROM review_visitors WHERE link_id = $1 LIMIT 100) n) < 100
    OR EXISTS (SELECT FROM review_visitors WHERE link_id = $1 AND visitor = $2)
ON CONFLICT (link_id, visitor) DO UPDATE SET seen = excluded.seen, before = excluded.before,
                                             began_at = excluded.began_at;

-- name: name_visitor(link, visitor, name)
UPDATE review_visitors SET name = $3 WHERE link_id = $1 AND visitor = $2;

-- name: approvals_due(containers)
-- When the first schedule call or queued post that waits for the approval of each container is due.
SELECT c.id, least(i.at, p.at) AS due_at
  FROM unnest($1::uuid[]) AS c(id)
  LEFT JOIN LATERAL (SELECT scheduled_for AS at FROM schedule_intents
                      WHERE container_id = c.id ORDER BY scheduled_for LIMIT 1) i ON true
  LEFT JOIN LATERAL (SELECT scheduled_for AS at FROM scheduled_posts
                      WHERE container_id = c.id AND status = 'queued' AND is_held
                      ORDER BY scheduled_for LIMIT 1) p ON true
 ORDER BY c.id LIMIT 100;

-- name: posts_shown(containers)
-- Of each account that has posts of a container, the next one that is queued, or else the latest one. A container has
-- few posts, so all of them are read.
SELECT p.container_id, p.id, p.social_account_id, p.platform, p.status, p.live_status, p.scheduled_for
  FROM unnest($1::uuid[]) AS c(id)
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (social_account_id) container_id, id, social_account_id, platform, status,
              coalesce(live_status, CASE status WHEN 'published' THEN 'live' END) AS live_status, scheduled_for
         FROM scheduled_posts WHERE container_id = c.id
        ORDER BY social_account_id, status <> 'queued', CASE WHEN status = 'queued' THEN scheduled_for END,
                 scheduled_for DESC, id DESC
        LIMIT 20) p
 ORDER BY p.container_id, p.scheduled_for, p.id LIMIT 2000;

-- name: find_intent(container, id)
SELECT i.id, i.scheduled_for, i.targets, i.created_at, i.recurrence_id, h.queue_id, h.slot_at
  FROM schedule_intents i
  LEFT JOIN LATERAL (SELECT queue_id, slot_at FROM queue_holds WHERE intent_id = i.id LIMIT 1) h ON true
 WHERE i.id = $2 AND i.container_id = $1;

-- name: move_intent(id, scheduled_for)
UPDATE schedule_intents SET scheduled_for = $2 WHERE id = $1;

-- name: withdraw_intent(id)
DELETE FROM schedule_intents WHERE id = $1 RETURNING slot, recurrence_id;

-- name: hand_slot_on(container, recurrence, slot)
-- All calls of a recurrence have one slot, which one of them holds.
UPDATE schedule_intents SET slot = $3
 WHERE id = (SELECT id FROM schedule_intents WHERE container_id = $1 AND recurrence_id = $2 ORDER BY id LIMIT 1);

-- name: complete_container(id, media_type, caption, first_comment, now, link)
-- Its first texts are no edit, unless texts were set while it waited for its files.
WITH completed AS (
    UPDATE content_containers c SET status = 'completed', media_type = $2, caption = $3, first_comment = $4,
           event_link = $6, updated_at = $5,
           revision = revision + CASE WHEN revision > 1 AND (caption, first_comment) IS DISTINCT FROM ($3, $4)
                                      THEN 1 ELSE 0 END
     WHERE id = $1 RETURNING c AS container
), reminder AS (
    UPDATE content_reminders r SET due_at = $5 + r.after
      FROM completed WHERE r.container_id = $1 AND (container).approval_status = 'pending'
), waiting AS (
    SELECT container FROM completed WHERE (container).approval_status = 'pending'
),
-- include: presswork.events outbox.sql content_changed(waiting, $5, 'pending')
SELECT true FROM completed;

-- name: verify_asset(id, type, size, sha256, width, height, duration_ms, video_codec, audio_codec, rate, probe, now)
UPDATE media_assets SET content_type = $2, size_bytes = $3, sha256 = $4, width = $5, height = $6, duration_ms = $7,
                        video_codec = $8, audio_codec = $9, frame_rate = $10, probe = $11, verified_at = $12,
                        pages = ($11::text::json ->> 'pages')::int
 WHERE id = $1;

-- name: set_previews(asset, thumbnail_key, poster_key)
UPDATE media_assets SET thumbnail_key = $2, poster_key = $3
 WHERE id = $1 AND thumbnail_key IS NULL AND removed_at IS NULL RETURNING true;

-- name: claim_preview(now, next_attempt_after)
-- The file that has waited longest for its previews. The attempt is counted before it is made, so that a file which
-- ends its worker is not tried for ever.
UPDATE media_assets SET preview_attempts = preview_attempts + 1,
                        preview_after = coalesce($1::timestamptz, now()) + $2::interval
 WHERE id = (SELECT id FROM media_assets
              WHERE thumbnail_key IS NULL AND verified_at IS NOT NULL AND preview_attempts < 3
                AND preview_after <= coalesce($1::timestamptz, now())
              ORDER BY preview_after, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, container_id, organization_id, object_key, content_type, size_bytes, sha256;

-- name: postpone_preview(asset, now, next_attempt_after)
-- The attempt does not count: it was not the file that failed.
UPDATE media_assets SET preview_attempts = greatest(preview_attempts - 1, 0),
                        preview_after = coalesce($2::timestamptz, now()) + $3::interval
 WHERE id = $1 AND thumbnail_key IS NULL;

-- name: set_alt_texts(container, texts)
UPDATE media_assets a SET alt_text = t.alt_text
  FROM json_to_recordset($2::json) AS t(id uuid, alt_text text)
 WHERE a.container_id = $1 AND a.id = t.id;

-- name: find_upload(asset)
SELECT a.id, a.container_id, a.object_key, a.filename, a.declared_content_type, a.declared_size_bytes,
       a.part_size_bytes, a.size_bytes, c.status, c.project_id, p.status AS project_status, p.organization_id
  FROM media_assets a JOIN content_containers c ON c.id = a.container_id JOIN projects p ON p.id = c.project_id
 WHERE a.id = $1 AND a.declared_size_bytes IS NOT NULL;

-- name: lock_upload(asset)
-- Locks the container until the row refers to the new object: finalizing either happened before, or waits.
SELECT a.object_key, a.size_bytes, a.assembly_key, c.id AS container_id, c.status
  FROM media_assets a JOIN content_containers c ON c.id = a.container_id
 WHERE a.id = $1 FOR UPDATE OF c, a;

-- name: set_upload(asset, object_key, size_bytes, sha256)
-- The hash is that of an object that was made of parts.
UPDATE media_assets SET object_key = $2, size_bytes = $3, assembled_sha256 = $4, assembly_key = NULL WHERE id = $1;

-- name: start_assembly(asset, object_key)
-- Returns the key of the object that a call was making which died. That call, if it lives, finds that the file is no
-- longer its own.
WITH former AS (
    SELECT id, assembly_key FROM media_assets WHERE id = $1 FOR UPDATE
)
UPDATE media_assets a SET assembly_key = $2 FROM former WHERE a.id = former.id RETURNING former.assembly_key;

-- name: set_part(asset, part, object_key, now)
-- Returns the key of the object that it replaces, if the part was sent before. The container is locked (lock_upload).
WITH former AS (
    SELECT object_key FROM upload_parts WHERE asset_id = $1 AND part_number = $2
), stored AS (
    INSERT INTO upload_parts (asset_id, part_number, object_key, received_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (asset_id, part_number)
    DO UPDATE SET object_key = excluded.object_key, received_at = excluded.received_at
)
SELECT object_key FROM former;

-- name: reopen_upload(asset)
-- What was made of the parts is no longer theirs.
UPDATE media_assets SET size_bytes = NULL, assembled_sha256 = NULL WHERE id = $1;

-- name: list_parts(assets)
SELECT asset_id, part_number, object_key, received_at FROM upload_parts
 WHERE asset_id = ANY($1::uuid[]) ORDER BY asset_id, part_number LIMIT 350000;

-- name: spent_parts(container, limit)
-- Parts of containers, or of one, that are completed or canceled, all those of a file in one row. As for uploads,
-- forget_parts runs after the objects are removed.
SELECT a.id, a.assembly_key, array_agg(p.object_key ORDER BY p.part_number) AS part_keys
  FROM upload_parts p JOIN media_assets a ON a.id = p.asset_id JOIN content_containers c ON c.id = a.container_id
 WHERE c.status <> 'queued' AND ($1::uuid IS NULL OR c.id = $1) GROUP BY a.id ORDER BY a.id LIMIT $2;

-- name: forget_parts(asset, object_keys)
DELETE FROM upload_parts WHERE asset_id = $1 AND object_key = ANY($2::text[]);

-- name: cancel_stale(created_before, now, limit)
UPDATE content_containers SET status = 'canceled', updated_at = $2
 WHERE id IN (SELECT id FROM content_containers WHERE status = 'queued' AND created_at < $1
               ORDER BY created_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING id;

-- name: canceled_uploads(limit)
-- Uploads of canceled containers. clear_upload runs only after the object is removed, so a sweep that dies is repeated.
SELECT a.id, a.object_key
  FROM media_assets a JOIN content_containers c ON c.id = a.container_id
 WHERE a.verified_at IS NULL AND a.size_bytes IS NOT NULL AND c.status = 'canceled'
 ORDER BY a.created_at, a.id LIMIT $1;

-- name: clear_upload(asset, object_key)
UPDATE media_assets SET size_bytes = NULL, assembled_sha256 = NULL WHERE id = $1 AND object_key = $2;
