-- plan: custom

-- name: find_words(organization, environment, projects, text, limit, scanned, statuses)
-- Content, posts, accounts and projects in which every word of a text begins a word, as JSON, the latest first. Of
-- content, accounts and projects, up to `scanned` matches are read, however common a word is. The posts are those of
-- what was found. The words of content are all in its caption, or all in its labels.
WITH query AS MATERIALIZED (
    SELECT ('''@' || $1::uuid || $2::text || ''' & ' || string_agg('''' || w.word || ''':*', ' & '))::tsquery AS words
      FROM unnest(tsvector_to_array(to_tsvector('simple', regexp_replace($4, '[^[:alnum:]]+', ' ', 'g')))) AS w(word)
), content AS MATERIALIZED (
    SELECT DISTINCT ON (c.created_at, c.id) c.* FROM (
        (SELECT c.id, c.project_id, c.caption, c.media_type, c.status, c.created_at
           FROM query q JOIN content_containers c ON words_of(c.caption, c.organization_id, c.environment) @@ q.words
          WHERE c.status NOT IN ('canceled', 'deleted') AND ($3::uuid[] IS NULL OR c.project_id = ANY($3)) LIMIT $6)
        UNION ALL
        (SELECT c.id, c.project_id, c.caption, c.media_type, c.status, c.created_at
           FROM query q
           JOIN content_containers c ON label_words_of(c.labels, c.organization_id, c.environment) @@ q.words
          WHERE c.labels <> '{}' AND c.status NOT IN ('canceled', 'deleted')
            AND ($3::uuid[] IS NULL OR c.project_id = ANY($3)) LIMIT $6)) c
     ORDER BY c.created_at DESC, c.id DESC LIMIT $5
), account AS MATERIALIZED (
    SELECT a.* FROM (
        SELECT a.id, a.project_id, a.platform, a.handle, a.display_name, a.avatar_url, a.status, a.created_at
          FROM query q JOIN social_accounts a
            ON words_of(a.handle || ' ' || coalesce(a.display_name, ''), a.organization_id, a.environment) @@ q.words
         WHERE ($3::uuid[] IS NULL OR a.project_id = ANY($3)) LIMIT $6) a
     ORDER BY a.status = 'disconnected', a.created_at DESC, a.id DESC LIMIT $5
), project AS MATERIALIZED (
    SELECT p.* FROM (
        SELECT p.id, p.name, p.status, p.created_at
          FROM query q JOIN projects p ON words_of(p.name, p.organization_id, p.environment) @@ q.words
         WHERE ($3::uuid[] IS NULL OR p.id = ANY($3)) LIMIT $6) p
     ORDER BY p.status = 'archived', p.created_at DESC, p.id DESC LIMIT $5
), post AS MATERIALIZED (
    SELECT DISTINCT ON (f.scheduled_for, f.id) f.*, a.handle, coalesce(f.caption_override, k.caption) AS caption
      FROM ((SELECT p.id, p.project_id, p.container_id, p.social_account_id, p.platform, p.status, p.scheduled_for,
                    p.caption_override
               FROM content c CROSS JOIN unnest($7::text[]) AS s(status)
              CROSS JOIN LATERAL (
                    SELECT * FROM scheduled_posts WHERE container_id = c.id AND status = s.status
                     ORDER BY scheduled_for DESC, id DESC LIMIT $5) p)
             UNION ALL
            (SELECT p.id, p.project_id, p.container_id, p.social_account_id, p.platform, p.status, p.scheduled_for,
                    p.caption_override
               FROM account c CROSS JOIN unnest($7::text[]) AS s(status)
              CROSS JOIN LATERAL (
                    SELECT * FROM scheduled_posts WHERE social_account_id = c.id AND status = s.status
                     ORDER BY scheduled_for DESC, id DESC LIMIT $5) p)) f
     CROSS JOIN LATERAL (SELECT handle FROM social_accounts WHERE id = f.social_account_id LIMIT 1) a
     CROSS JOIN LATERAL (SELECT caption FROM content_containers WHERE id = f.container_id LIMIT 1) k
     ORDER BY f.scheduled_for DESC, f.id DESC LIMIT $5
)
SELECT (SELECT coalesce(json_agg(json_build_object(
           'id', 'cnt_' || id, 'projectId', 'prj_' || project_id, 'caption', left(caption, 300),
           'mediaType', media_type, 'status', status) ORDER BY created_at DESC, id DESC), '[]')
          FROM content)::text AS content,
       (SELECT coalesce(json_agg(json_build_object(
           'id', 'sp_' || id, 'projectId', 'prj_' || project_id, 'containerId', 'cnt_' || container_id,
           'socialAccountId', 'sa_' || social_account_id, 'platform', platform, 'handle', handle, 'status', status,
           'scheduledFor', to_char(scheduled_for AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'caption', left(caption, 300)) ORDER BY scheduled_for DESC, id DESC), '[]') FROM post)::text AS posts,
       (SELECT coalesce(json_agg(json_build_object(
           'id', 'sa_' || id, 'projectId', 'prj_' || project_id, 'platform', platform, 'handle', handle,
           'displayName', display_name, 'avatarUrl', avatar_url, 'status', status)
           ORDER BY status = 'disconnected', created_at DESC, id DESC), '[]') FROM account)::text AS accounts,
       (SELECT coalesce(json_agg(json_build_object('id', 'prj_' || id, 'name', name, 'status', status)
           ORDER BY status = 'archived', created_at DESC, id DESC), '[]') FROM project)::text AS projects;
