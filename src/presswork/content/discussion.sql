-- What people and programs write about content.

-- name: insert_comment(id, container, project, organization, environment, text, visibility, now, author, rest)
-- `rest` is a JSON object: the anchor, the mentions and the author's name. No row if the content has as many as it may
-- have; the caller has locked the content.
WITH rest AS (
    SELECT anchor, mentions, author_name
      FROM json_to_record($10::json) AS r(anchor text, mentions uuid[], author_name text)
), inserted AS (
    INSERT INTO content_comments AS m (id, container_id, project_id, organization_id, environment, text, visibility,
                                       anchor, mentions, author, author_name, created_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, r.anchor, r.mentions, $9, r.author_name, $8 FROM rest r
     WHERE (SELECT count(*) FROM (SELECT FROM content_comments WHERE container_id = $2 LIMIT 1000) n) < 1000
    RETURNING m AS comment
), news AS (
    SELECT comment, 'content.commented' AS type FROM inserted
    UNION ALL
    SELECT comment, 'content.mentioned' FROM inserted WHERE (comment).mentions <> '{}'
),
-- include: presswork.events outbox.sql content_discussed(news, $8)
SELECT true FROM inserted;

-- name: list_comments(container, visibility, after_at, after_id, limit)
-- plan: custom
SELECT id, container_id, text, visibility, anchor, mentions, author, author_name, created_at, resolved_at
  FROM content_comments
 WHERE container_id = $1 AND ($2::text IS NULL OR visibility = $2) AND (created_at, id) > ($3, $4)
 ORDER BY created_at, id LIMIT $5;

-- name: list_external_comments(containers)
-- Of each container, the latest ones; this is all that pages without a login read of a discussion.
SELECT m.id, m.container_id, m.text, m.visibility, m.anchor, m.mentions, m.author, m.author_name, m.created_at,
       m.resolved_at
  FROM unnest($1::uuid[]) AS c (id)
 CROSS JOIN LATERAL (SELECT id, container_id, text, visibility, anchor, '{}'::uuid[] AS mentions, author, author_name,
                            created_at, resolved_at
                       FROM content_comments WHERE container_id = c.id AND visibility = 'external'
                      ORDER BY created_at DESC, id DESC LIMIT 200) m
 ORDER BY m.created_at, m.id LIMIT 4000;

-- name: find_comment(container, id)
SELECT id, container_id, text, visibility, anchor, mentions, author, author_name, created_at, resolved_at
  FROM content_comments WHERE id = $2 AND container_id = $1;

-- name: resolve_comment(id, resolved_at)
UPDATE content_comments SET resolved_at = $2 WHERE id = $1;

-- name: delete_comment(id)
DELETE FROM content_comments WHERE id = $1;

-- name: seers(users, organization, project)
-- Those of the users who see the project.
SELECT id FROM users
 WHERE id = ANY($1::uuid[]) AND organization_id = $2 AND accepted_at IS NOT NULL AND disabled_at IS NULL
   AND (project_ids IS NULL OR $3 = ANY(project_ids))
 ORDER BY id LIMIT 200;
