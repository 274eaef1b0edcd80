-- name: container()
-- The columns of a container with its media, for statements that select from rows named c and a.
c.id, c.project_id, c.status, c.approval_status, c.media_type, c.caption, c.first_comment, c.created_at, c.updated_at,
       c.decided_at, coalesce('key_' || c.decided_by_key, 'usr_' || c.decided_by_user) AS decided_by,
       c.decision_note, c.revision, c.reviewed_texts,
       c.is_covered,
       a.id AS asset_id, a.position, a.object_key, a.filename, a.declared_content_type, a.declared_size_bytes,
       a.content_type, a.size_bytes, a.sha256, a.width, a.height, a.duration_ms, a.video_codec, a.audio_codec,
       a.frame_rate, a.alt_text

-- name: page(beyond, direction)
-- A page of a project's containers with their media; $8 and $9 are the start of the page (exclusive).
WITH page AS (
    SELECT id, project_id, status, approval_status, media_type, caption, first_comment, created_at, updated_at,
           decided_at, decided_by_key, decided_by_user, decision_note, revision, reviewed_texts, is_covered
      FROM content_containers
     WHERE project_id = $1 AND organization_id = $2 AND environment = $3
       AND ($4::text[] IS NULL OR status = ANY ($4)) AND ($5::text[] IS NULL OR approval_status = ANY ($5))
       AND created_at >= $6 AND created_at <= $7 AND (created_at, id) {beyond} ($8, $9)
     ORDER BY created_at {direction}, id {direction} LIMIT $10
)
SELECT
-- include: presswork.content lists.sql container()
  FROM page c LEFT JOIN media_assets a ON a.container_id = c.id
 ORDER BY c.created_at {direction}, c.id {direction}, a.position LIMIT 10 * $10
