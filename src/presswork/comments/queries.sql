-- Comments: what people decide about them, what they ask of platforms, and what was read.

-- name: find_comment(organization, environment, id)
SELECT
-- include: presswork.comments lists.sql columns()
  FROM (SELECT $3::uuid AS id) g
-- include: presswork.comments lists.sql comment(g.id)
 WHERE c.organization_id = $1 AND c.environment = $2;

-- name: lock_comment(organization, environment, id)
-- The lock decides between two calls, and between a call and a worker that stores what it read or did.
SELECT id FROM comments WHERE id = $3 AND organization_id = $1 AND environment = $2 FOR NO KEY UPDATE;

-- name: update_comment(id, changes)
-- Members that `changes`, a JSON object, does not have stay.
UPDATE comments c
   SET status = coalesce(d.changes ->> 'status', c.status),
       assignee_id = CASE WHEN d.changes ? 'assignee' THEN (d.changes ->> 'assignee')::uuid ELSE c.assignee_id END,
       note = CASE WHEN d.changes ? 'note' THEN d.changes ->> 'note' ELSE c.note END
  FROM (SELECT $2::text::jsonb AS changes) d
 WHERE c.id = $1;

-- name: is_assignee(organization, user, project)
-- Whether a person is active and sees a project.
SELECT true FROM users
 WHERE id = $2 AND organization_id = $1 AND accepted_at IS NOT NULL AND disabled_at IS NULL
   AND (project_ids IS NULL OR $3 = ANY(project_ids));

-- name: list_assignees(organization, environment, project, projects, limit)
-- Who sees a project of the organization, or without one any of `projects` (NULL: all).
SELECT id, coalesce(nullif(name, ''), email) AS name FROM users
 WHERE organization_id = $1 AND accepted_at IS NOT NULL AND disabled_at IS NULL
   AND ($3::uuid IS NULL OR EXISTS (SELECT FROM projects p
                                     WHERE p.id = $3 AND p.organization_id = $1 AND p.environment = $2))
   AND (project_ids IS NULL OR CASE WHEN $3::uuid IS NULL THEN $4::uuid[] IS NULL OR project_ids && $4
                                    ELSE $3 = ANY(project_ids) END)
 ORDER BY lower(coalesce(nullif(name, ''), email)), id LIMIT $5;

-- name: ask_reply(id, comment, text, author, now, gives_up_at)
-- A reply is a comment of the account, which the platform does not have yet. What it answers is done.
WITH answered AS (
    UPDATE comments SET status = 'done' WHERE id = $2
    RETURNING id, project_id, organization_id, environment, social_account_id, post_id, platform, external_id, thread,
              thread_at
), reply AS (
    INSERT INTO comments (id, project_id, organization_id, environment, social_account_id, post_id, platform,
                          parent_external_id, thread, thread_at, reply_to, author, text, is_own, offered, status,
                          reply_status, created_at, seen_at)
    SELECT $1, project_id, organization_id, environment, social_account_id, post_id, platform, external_id, thread,
           thread_at, id, $4, $3, true, '{}', 'done', 'queued', $5, $5
      FROM answered RETURNING id, post_id
)
INSERT INTO comment_calls (comment_id, kind, post_id, asked_at, gives_up_at, run_at)
SELECT id, 'reply', post_id, $5, $6, '-infinity' FROM reply
RETURNING comment_id;

-- name: ask_call(comment, kind, is_wanted, now, gives_up_at)
-- The row shows the wish at once. The newest wish wins: a worker that is at an older one can store nothing about it,
-- and the call waits until its lease is over.
WITH shown AS (
    UPDATE comments
       SET is_hidden = CASE $2 WHEN 'hide' THEN $3 ELSE is_hidden END,
           is_liked = CASE $2 WHEN 'like' THEN $3 ELSE is_liked END,
           deleted_at = CASE $2 WHEN 'delete' THEN $4 ELSE deleted_at END,
           error = NULL
     WHERE id = $1 RETURNING id, post_id
)
INSERT INTO comment_calls AS c (comment_id, kind, post_id, is_wanted, asked_at, gives_up_at, run_at)
SELECT id, $2, post_id, $3, $4, $5, '-infinity' FROM shown
ON CONFLICT (comment_id, kind) DO UPDATE
   SET is_wanted = $3, asked_at = $4, gives_up_at = $5, attempts = 0, progress = '{}', version = c.version + 1,
       run_at = CASE WHEN c.leased_by IS NULL THEN '-infinity' ELSE c.run_at END
RETURNING c.comment_id;

-- name: insert_saved_reply(id, project, name, text, now, most)
-- No row if the project has as many as it may have.
INSERT INTO saved_replies (id, project_id, name, text, created_at, updated_at)
SELECT $1, $2, $3, $4, $5::timestamptz, $5::timestamptz
 WHERE (SELECT count(*) FROM (SELECT FROM saved_replies WHERE project_id = $2 LIMIT $6) s) < $6
RETURNING id, project_id, name, text, created_at, updated_at;

-- name: list_saved_replies(project, after_at, after_id, limit)
SELECT id, project_id, name, text, created_at, updated_at FROM saved_replies
 WHERE project_id = $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4;

-- name: update_saved_reply(project, id, name, text, now)
UPDATE saved_replies SET name = coalesce($3, name), text = coalesce($4, text), updated_at = $5
 WHERE id = $2 AND project_id = $1
RETURNING id, project_id, name, text, created_at, updated_at;

-- name: delete_saved_reply(project, id)
DELETE FROM saved_replies WHERE id = $2 AND project_id = $1
RETURNING id, project_id, name, text, created_at, updated_at;

-- name: has_many(post, most)
SELECT count(*) > $2 
  FROM (SELECT FROM comments WHERE post_id = $1 AND deleted_at IS NULL LIMIT $2 + 1) c;

-- name: forget_texts(now, limit)
-- What some platforms allow to be stored for a while only; the comments stay.
UPDATE comments SET text = NULL, author = NULL, author_external_id = NULL, texts_expire_at = NULL
 WHERE id IN (SELECT id FROM comments WHERE texts_expire_at <= $1
               ORDER BY texts_expire_at, id LIMIT $2 FOR UPDATE SKIP LOCKED);

-- name: delete_old(before, limit)
-- Not while a worker has something to do about one, or about a reply to it.
DELETE FROM comments
 WHERE id IN (SELECT c.id FROM comments c
               WHERE c.created_at < $1 AND NOT EXISTS (SELECT FROM comment_calls l WHERE l.comment_id = c.id)
                 AND NOT EXISTS (SELECT FROM comments r JOIN comment_calls l ON l.comment_id = r.id
                                  WHERE r.reply_to = c.id)
               ORDER BY c.created_at, c.id LIMIT $2 FOR UPDATE SKIP LOCKED);

-- name: receive(post, now, read_at, comments, is_complete, backlog_before)
-- What a read showed, as a JSON array of rows. A comment that was deleted, hidden or liked since the read began, or is
-- about to be, stays as it is, and so does what the platform does not show of it (null). Of a complete read, a stored
-- comment that it does not have was deleted. Returns how many are new and how many have changed.
WITH post AS (
    SELECT id, project_id, organization_id, environment, social_account_id, platform FROM scheduled_posts WHERE id = $1
), seen AS MATERIALIZED (
    SELECT s.*, p.project_id, p.organization_id, p.environment, p.social_account_id, p.platform, p.id AS post_id,
           coalesce(s.shown_hidden, b.is_hidden, false) AS is_hidden,
           coalesce(s.shown_liked, b.is_liked, false) AS is_liked,
           coalesce(t.thread, s.top_parent, s.top) AS thread, coalesce(t.thread_at, s.top_at) AS thread_at
      FROM jsonb_to_recordset($4::text::jsonb)
           AS s(id uuid, external_id text, parent text, top text, top_parent text, top_at timestamptz, author text,
                author_id text, text text, created_at timestamptz, is_own boolean, shown_hidden boolean,
                shown_liked boolean, offered text[], expires_at timestamptz)
     CROSS JOIN post p
      LEFT JOIN LATERAL (
           SELECT is_hidden, is_liked FROM comments o
            WHERE o.social_account_id = p.social_account_id AND o.external_id = s.external_id LIMIT 1) b ON true
      LEFT JOIN LATERAL (
           SELECT thread, thread_at FROM comments o
            WHERE o.social_account_id = p.social_account_id AND o.external_id = s.top_parent LIMIT 1) t ON true
), stored AS (
    INSERT INTO comments AS c (id, project_id, organization_id, environment, social_account_id, post_id, platform,
                               external_id, parent_external_id, thread, thread_at, author, author_external_id, text,
                               is_own, is_hidden, is_liked, offered, status, created_at, seen_at, texts_expire_at)
    SELECT id, project_id, organization_id, environment, social_account_id, post_id, platform, external_id, parent,
           thread, thread_at, author, author_id, text, is_own, is_hidden, is_liked, offered,
           CASE WHEN is_own OR created_at < $6::timestamptz THEN 'done' ELSE 'new' END, created_at, $2, expires_at
      FROM seen ORDER BY external_id
    ON CONFLICT (social_account_id, external_id) WHERE external_id IS NOT NULL DO UPDATE
       SET text = excluded.text, author = coalesce(excluded.author, c.author),
           author_external_id = coalesce(excluded.author_external_id, c.author_external_id),
           is_own = excluded.is_own OR c.is_own, offered = excluded.offered,
           is_hidden = CASE WHEN EXISTS (SELECT FROM comment_calls l WHERE l.comment_id = c.id AND l.kind = 'hide')
                            THEN c.is_hidden ELSE excluded.is_hidden END,
           is_liked = CASE WHEN EXISTS (SELECT FROM comment_calls l WHERE l.comment_id = c.id AND l.kind = 'like')
                           THEN c.is_liked ELSE excluded.is_liked END,
           deleted_at = CASE WHEN EXISTS (SELECT FROM comment_calls l WHERE l.comment_id = c.id AND l.kind = 'delete')
                             THEN c.deleted_at END,
           status = CASE WHEN excluded.is_own THEN 'done' ELSE c.status END,
           texts_expire_at = excluded.texts_expire_at
     WHERE (c.settled_at IS NULL OR c.settled_at < $3::timestamptz)
       AND (c.text, c.is_hidden, c.is_liked, c.offered, c.is_own, c.deleted_at, c.texts_expire_at)
           IS DISTINCT FROM (excluded.text, excluded.is_hidden, excluded.is_liked, excluded.offered, excluded.is_own,
                             NULL, excluded.texts_expire_at)
    RETURNING c AS comment, c.seen_at = $2 AND xmax = 0 AS is_new
), gone AS (
    UPDATE comments c SET deleted_at = $2
     WHERE $5 AND c.post_id = $1 AND c.deleted_at IS NULL AND c.external_id IS NOT NULL
       AND c.seen_at < $3::timestamptz AND (c.settled_at IS NULL OR c.settled_at < $3::timestamptz)
       AND NOT EXISTS (SELECT FROM seen s WHERE s.external_id = c.external_id)
       AND NOT EXISTS (SELECT FROM comment_calls l WHERE l.comment_id = c.id AND l.kind = 'delete')
    RETURNING c.id
), news AS (
    SELECT comment FROM stored WHERE is_new AND (comment).status = 'new'
),
-- include: presswork.events outbox.sql comment_changed(news, $2, 'comment.received')
SELECT (SELECT count(*) FROM stored WHERE is_new) AS new,
       (SELECT count(*) FROM stored WHERE NOT is_new) + (SELECT count(*) FROM gone) AS changed;
