-- name: list_days(project, starts, ends, limit)
-- The first posts of each day that are to go out or went out, with only what a customer sees: not what failed, was
-- canceled, or was taken down. A day costs an index lookup for each status, however many posts it has.
SELECT d.day, p.container_id, p.scheduled_for, p.status, p.is_held, p.platform
  FROM unnest($2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS d(starts_at, ends_at, day)
 CROSS JOIN LATERAL (
       SELECT p.*
         FROM unnest('{queued,publishing,published,draft}'::text[]) AS s(status)
        CROSS JOIN LATERAL (
              SELECT p.container_id, p.scheduled_for, p.id, p.status, p.is_held, p.platform
                FROM scheduled_posts p
               WHERE p.project_id = $1 AND p.status = s.status
                 AND p.scheduled_for >= d.starts_at AND p.scheduled_for < d.ends_at
                 AND coalesce(p.live_status, 'live') NOT IN ('taking_down', 'taken_down', 'gone')
               ORDER BY p.scheduled_for, p.id LIMIT $4) p
        ORDER BY p.scheduled_for, p.id LIMIT $4) p
 ORDER BY d.day, p.scheduled_for, p.id LIMIT 40000;

-- name: list_intents_of(project, starts_at, ends_at)
-- The schedule calls of content that waits for a decision: of the 500 containers that have waited longest.
SELECT i.container_id, i.scheduled_for, i.targets
  FROM (SELECT id FROM content_containers
         WHERE project_id = $1 AND status = 'completed' AND approval_status = 'pending'
         ORDER BY created_at, id LIMIT 500) c
 CROSS JOIN LATERAL (
       SELECT id, container_id, scheduled_for, targets FROM schedule_intents
        WHERE container_id = c.id AND scheduled_for >= $2 AND scheduled_for < $3
        ORDER BY created_at, id LIMIT 20) i
 ORDER BY i.scheduled_for, i.id LIMIT 10000;

-- name: platforms_of(accounts)
SELECT id, platform FROM social_accounts WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT 1000;

-- name: list_shown(containers)
-- What a calendar shows of its content.
SELECT c.id, c.caption,
       coalesce((SELECT a.thumbnail_key FROM media_assets a
                  WHERE a.container_id = c.id AND a.thumbnail_key IS NOT NULL ORDER BY a.position LIMIT 1),
                c.link::json #>> '{picture,object_key}') AS picture_key
  FROM content_containers c WHERE c.id = ANY($1::uuid[]) ORDER BY c.id LIMIT 10000;
