-- Parts of the statements about comments.

-- name: comment(id)
-- One comment with its post and its account, as rows to join. The caption is cut: a list has many.
    CROSS JOIN LATERAL (SELECT * FROM comments WHERE id = {id} LIMIT 1) c
    CROSS JOIN LATERAL (
         SELECT handle, login, status AS account_status, scopes FROM social_accounts
          WHERE id = c.social_account_id LIMIT 1) a
    CROSS JOIN LATERAL (
         SELECT container_id, mode, external_url, published_at, live_status, caption_override FROM scheduled_posts
          WHERE id = c.post_id LIMIT 1) p
    CROSS JOIN LATERAL (SELECT caption, media_type FROM content_containers WHERE id = p.container_id LIMIT 1) k

-- name: columns()
c.id, c.project_id, c.environment, c.social_account_id, c.post_id, c.platform, c.external_id, c.author, c.text,
       c.is_own, c.is_hidden, c.is_liked, c.offered, c.status, c.assignee_id, c.note, c.reply_status, c.error,
       c.created_at, c.seen_at, c.deleted_at,
       coalesce(c.reply_to, (SELECT o.id FROM comments o
                              WHERE o.social_account_id = c.social_account_id AND o.external_id = c.parent_external_id
                              LIMIT 1)) AS parent_id,
       a.handle, a.login, a.account_status, a.scopes, p.mode, p.external_url, p.published_at, p.live_status,
       left(coalesce(p.caption_override, k.caption), 300) AS caption, k.media_type,
       (SELECT m.thumbnail_key FROM media_assets m WHERE m.container_id = p.container_id
         ORDER BY m.position LIMIT 1) AS thumbnail_key

-- name: search(key)
-- A page of comments, the newest first. The index knows whether they are Presswork's own, and their status. For $9, a
-- JSON object of filters that no index knows, the next $10 comments are candidates (db/found_page.py). $5 and $6 are
-- the start of the page (exclusive), $7 is the end of the list (inclusive).
WITH candidate AS MATERIALIZED (
    SELECT c.created_at, c.id
      FROM unnest($3::text[]) AS s(status) CROSS JOIN unnest($4::boolean[]) AS o(is_own)
     CROSS JOIN LATERAL (
           SELECT c.created_at, c.id FROM comments c
            WHERE {key} AND c.is_own = o.is_own AND c.status = s.status AND c.deleted_at IS NULL
              AND (c.created_at, c.id) < ($5::timestamptz, $6::uuid) AND c.created_at >= $7::timestamptz
            ORDER BY c.created_at DESC, c.id DESC LIMIT $10) c
     ORDER BY c.created_at DESC, c.id DESC LIMIT $10
), page AS MATERIALIZED (
    SELECT d.created_at, d.id
      FROM json_to_record($9::json) AS f(projects uuid[], account uuid, post uuid, assignee uuid, platforms text[])
     CROSS JOIN (SELECT created_at, id FROM candidate ORDER BY created_at DESC, id DESC OFFSET 0) d
     CROSS JOIN LATERAL (
           SELECT organization_id, environment, project_id, social_account_id, post_id, assignee_id, platform
             FROM comments WHERE id = d.id LIMIT 1) c
     WHERE c.organization_id = $1 AND c.environment = $2
       AND (f.projects IS NULL OR c.project_id = ANY(f.projects))
       AND (f.account IS NULL OR c.social_account_id = f.account)
       AND (f.post IS NULL OR c.post_id = f.post)
       AND (f.assignee IS NULL OR c.assignee_id = f.assignee)
       AND (f.platforms IS NULL OR c.platform = ANY(f.platforms))
     ORDER BY d.created_at DESC, d.id DESC LIMIT $8
)
SELECT n.scanned, l.created_at AS last_at, l.id AS last_id, m.*
  FROM (SELECT count(*) AS scanned FROM candidate) n
  LEFT JOIN (SELECT created_at, id FROM candidate ORDER BY created_at, id LIMIT 1) l ON true
  LEFT JOIN LATERAL (
       SELECT
-- include: presswork.comments lists.sql columns()
         FROM (SELECT created_at, id FROM page ORDER BY created_at DESC, id DESC OFFSET 0) g
-- include: presswork.comments lists.sql comment(g.id)
  ) m ON true
 ORDER BY m.created_at DESC, m.id DESC

-- name: count(key)
-- Others' comments by status, up to $4 of each that an index finds; $3 are the filters as above.
SELECT s.status, coalesce(n.comments, 0) AS comments
  FROM unnest(ARRAY['new', 'open', 'done']) WITH ORDINALITY AS s(status, place)
 CROSS JOIN LATERAL (
       SELECT count(*) AS comments
         FROM (SELECT c.organization_id, c.environment, c.project_id, c.social_account_id, c.assignee_id, c.platform
                 FROM comments c
                WHERE {key} AND NOT c.is_own AND c.status = s.status AND c.deleted_at IS NULL LIMIT $4) c
        CROSS JOIN json_to_record($3::json) AS f(projects uuid[], account uuid, assignee uuid, platforms text[])
        WHERE c.organization_id = $1 AND c.environment = $2
          AND (f.projects IS NULL OR c.project_id = ANY(f.projects))
          AND (f.account IS NULL OR c.social_account_id = f.account)
          AND (f.assignee IS NULL OR c.assignee_id = f.assignee)
          AND (f.platforms IS NULL OR c.platform = ANY(f.platforms))) n
 ORDER BY s.place
