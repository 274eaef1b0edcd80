-- name: container()
-- The columns of a container with its media, for statements that select from rows named c and a.
c.id, c.project_id, c.status, c.approval_status, c.media_type, c.caption, c.first_comment, c.link, c.parts,
       c.labels, c.created_at,
       c.updated_at, c.decided_at,
       coalesce('key_' || c.decided_by_key, 'usr_' || c.decided_by_user,
                CASE WHEN c.decided_at_portal THEN 'ptl_' ELSE 'rvl_' END || c.decided_by_link) AS decided_by,
       c.decision_note, c.reviewer_name, c.revision, c.reviewed_texts,
       c.is_covered, c.review_steps, c.deleted_at, c.erased_at, c.media_removed_at,
       a.id AS asset_id, a.position, a.object_key, a.filename, a.declared_content_type, a.declared_size_bytes,
       a.content_type, a.size_bytes, a.sha256, a.width, a.height, a.duration_ms, a.video_codec, a.audio_codec,
       a.frame_rate, a.alt_text, a.thumbnail_key, a.poster_key, a.part_size_bytes, a.assembled_sha256, a.pages,
       a.removed_at

-- name: search(key, before, until, direction, reverse)
-- A page of the containers of an organization and environment, or of one project of it (`key`), with their media. The
-- index knows both states, so it costs a few index lookups, whatever they are and however many containers exist. For
-- $9, a JSON object of filters that no index knows, the next $10 containers are candidates (db/found_page.py).
-- $5 and $6 are the start of the page (exclusive), $7 is the end of the list (inclusive).
candidate AS MATERIALIZED (
    SELECT c.created_at, c.id
      FROM unnest($3::text[]) AS s(status) CROSS JOIN unnest($4::text[]) AS v(approval_status)
     CROSS JOIN LATERAL (
           SELECT c.created_at, c.id FROM content_containers c
            WHERE {key} AND c.status = s.status AND c.approval_status = v.approval_status
              AND (c.created_at, c.id) {before} ($5::timestamptz, $6::uuid) AND c.created_at {until} $7::timestamptz
            ORDER BY c.created_at {direction}, c.id {direction} LIMIT $10) c
     ORDER BY c.created_at {direction}, c.id {direction} LIMIT $10
), page AS MATERIALIZED (
    SELECT d.created_at, d.id
      FROM json_to_record($9::json) AS f(projects uuid[], labels text[], text text)
     CROSS JOIN (SELECT created_at, id FROM candidate ORDER BY created_at {direction}, id {direction} OFFSET 0) d
     CROSS JOIN LATERAL (
           SELECT organization_id, environment, project_id, caption, labels
             FROM content_containers WHERE id = d.id LIMIT 1) c
     WHERE c.organization_id = $1 AND c.environment = $2
       AND (f.projects IS NULL OR c.project_id = ANY(f.projects))
       AND (f.labels IS NULL OR c.labels && f.labels)
       AND (f.text IS NULL OR position(lower(f.text) IN lower(c.caption)) > 0)
     ORDER BY d.created_at {direction}, d.id {direction} LIMIT $8
)
SELECT n.scanned, l.created_at AS last_at, l.id AS last_id,
-- include: presswork.content lists.sql container()
  FROM (SELECT count(*) AS scanned FROM candidate) n
  LEFT JOIN (SELECT created_at, id FROM candidate
              ORDER BY created_at {reverse}, id {reverse} LIMIT 1) l ON true
  LEFT JOIN page p ON true
  LEFT JOIN LATERAL (SELECT * FROM content_containers WHERE id = p.id LIMIT 1) c ON true
  LEFT JOIN LATERAL (SELECT * FROM media_assets WHERE container_id = c.id ORDER BY position LIMIT 35) a ON true
 ORDER BY c.created_at {direction}, c.id {direction}, a.position
