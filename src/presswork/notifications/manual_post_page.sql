-- name: of_post(id)
SELECT p.container_id, p.platform, a.handle, c.media_type,
       coalesce(p.caption_override, c.caption) AS caption,
       coalesce(p.first_comment_override, c.first_comment) AS first_comment, c.link, p.fill::text AS fill
  FROM scheduled_posts p
  JOIN social_accounts a ON a.id = p.social_account_id
  JOIN content_containers c ON c.id = p.container_id
  JOIN projects j ON j.id = c.project_id
 WHERE p.id = $1 AND j.status = 'active' AND c.status <> 'deleted'
   AND (NOT c.is_covered OR c.approval_status = 'approved');

-- name: of_container(id)
SELECT c.id AS container_id, NULL AS platform, NULL AS handle, c.media_type, c.caption, c.first_comment, c.link,
       j.fill::text AS fill
  FROM content_containers c JOIN projects j ON j.id = c.project_id
 WHERE c.id = $1 AND c.status = 'completed' AND c.approval_status IN ('not_required', 'approved')
   AND j.status = 'active';

-- name: media(container)
SELECT position, object_key, content_type, size_bytes FROM media_assets
 WHERE container_id = $1 AND content_type IS NOT NULL AND removed_at IS NULL ORDER BY position LIMIT 35;
