-- name: container(organization, environment, container)
-- With the media that was looked at, in order.
SELECT c.id, c.project_id, c.status, c.approval_status, c.media_type, p.status AS project_status, c.caption, c.first_comment,
       (SELECT json_agg(json_build_object('asset_id', m.id, 'probe', m.probe::json) ORDER BY m.position)::text
          FROM media_assets m WHERE m.container_id = c.id AND m.probe IS NOT NULL) AS media
  FROM content_containers c JOIN projects p ON p.id = c.project_id
 WHERE c.id = $3 AND c.organization_id = $1 AND c.environment = $2;

-- name: accounts(organization, environment, ids, limit)
SELECT id, project_id, platform, status, scopes, external_id, handle, sealed_tokens
  FROM social_accounts WHERE id = ANY($3::uuid[]) AND organization_id = $1 AND environment = $2 ORDER BY id LIMIT $4;

-- name: taken(ids, limit)
-- Which of the caller's own ids exist, whoever has them.
SELECT id FROM scheduled_posts WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT $2;

-- name: tracks(ids, limit)
SELECT id FROM tiktok_tracks WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT $2;
