-- name: upsert_track(id, title, author, album, duration_seconds, preview_url, cover_url, language, user_count, is_commerce_music, link, now)
INSERT INTO tiktok_tracks (id, title, author, album, duration_seconds, preview_url, cover_url, language, user_count,
                           is_commerce_music, link, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE SET
    title = excluded.title, author = excluded.author, album = excluded.album, duration_seconds = excluded.duration_seconds,
    preview_url = excluded.preview_url, cover_url = excluded.cover_url, language = excluded.language,
    user_count = excluded.user_count, is_commerce_music = excluded.is_commerce_music, link = excluded.link,
    updated_at = excluded.updated_at;

-- name: count_tracks(pattern)
SELECT count(*) FROM tiktok_tracks
 WHERE $1::text IS NULL OR title ILIKE $1 OR author ILIKE $1 OR album ILIKE $1;

-- name: list_tracks(pattern, below_user_count, below_id, limit)
SELECT id, title, author, album, duration_seconds, preview_url, cover_url, language, user_count, is_commerce_music, link
  FROM tiktok_tracks
 WHERE ($1::text IS NULL OR title ILIKE $1 OR author ILIKE $1 OR album ILIKE $1) AND (user_count, id) < ($2, $3)
 ORDER BY user_count DESC, id DESC LIMIT $4;
