-- name: make_incoming()
CREATE TEMPORARY TABLE incoming_tracks (
    place bigint, id uuid, title text, author text, album text, duration_seconds double precision, preview_url text,
    cover_url text, language text, user_count bigint, is_commerce_music boolean, link text
) ON COMMIT DROP;

-- name: merge_incoming(now)
-- Of tracks with the same id the last one wins. Ordered by id, so that two imports can't deadlock.
WITH incoming AS (
    SELECT DISTINCT ON (id) id, title, author, album, duration_seconds, preview_url, cover_url, language, user_count,
           is_commerce_music, link
      FROM incoming_tracks ORDER BY id, place DESC
), known AS (
    SELECT count(*) AS updated FROM incoming i JOIN tiktok_tracks t ON t.id = i.id AND NOT t.is_sample
), written AS (
    INSERT INTO tiktok_tracks (id, title, author, album, duration_seconds, preview_url, cover_url, language, user_count,
                               is_commerce_music, link, updated_at)
    SELECT id, title, author, album, duration_seconds, preview_url, cover_url, language, user_count, is_commerce_music,
           link, $1
      FROM incoming ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
        title = excluded.title, author = excluded.author, album = excluded.album,
        duration_seconds = excluded.duration_seconds, preview_url = excluded.preview_url,
        cover_url = excluded.cover_url, language = excluded.language, user_count = excluded.user_count,
        is_commerce_music = excluded.is_commerce_music, link = excluded.link, updated_at = excluded.updated_at,
        is_sample = false
    RETURNING id
)
SELECT (SELECT count(*) FROM written) AS written, (SELECT updated FROM known) AS updated;

-- name: has_tracks()
-- Whether the operator has imported any.
SELECT EXISTS (SELECT FROM tiktok_tracks WHERE NOT is_sample);

-- name: count_tracks(is_sample)
SELECT count(*) FROM tiktok_tracks WHERE is_sample = $1;

-- name: list_tracks(is_sample, below_user_count, below_id, limit)
SELECT id, title, author, album, duration_seconds, preview_url, cover_url, language, user_count, is_commerce_music, link
  FROM tiktok_tracks WHERE is_sample = $1 AND (user_count, id) < ($2, $3)
 ORDER BY user_count DESC, id DESC LIMIT $4;

-- name: count_found(is_sample, pattern)
SELECT count(*) FROM tiktok_tracks WHERE is_sample = $1 AND words LIKE lower($2);

-- name: find_tracks(is_sample, pattern, below_user_count, below_id, limit)
SELECT id, title, author, album, duration_seconds, preview_url, cover_url, language, user_count, is_commerce_music, link
  FROM tiktok_tracks WHERE is_sample = $1 AND words LIKE lower($2) AND (user_count, id) < ($3, $4)
 ORDER BY user_count DESC, id DESC LIMIT $5;
