-- name: wanted(n)
-- $6 is a JSON object that may name an `account`, a `container` and `labels`, of which the content has any.
     WHERE {n}.organization_id = $1 AND {n}.environment = $2 AND ($3::uuid[] IS NULL OR {n}.project_id = ANY($3))
       AND {n}.published_at >= $4 AND {n}.published_at <= $5
       AND ($6::json ->> 'account' IS NULL OR {n}.social_account_id = ($6::json ->> 'account')::uuid)
       AND ($6::json ->> 'container' IS NULL OR {n}.container_id = ($6::json ->> 'container')::uuid)
       AND ($6::jsonb -> 'labels' IS NULL
            OR (SELECT k.labels && ARRAY(SELECT jsonb_array_elements_text($6::jsonb -> 'labels'))
                  FROM content_containers k WHERE k.id = {n}.container_id LIMIT 1))
       AND ($7::text IS NULL OR {n}.platform = $7)

-- name: sums(n)
-- Counts are added up; an average counts as often as the post was seen. A metric that no post has is null.
           count(*) AS posts, sum({n}.views) AS views, sum({n}.reach) AS reach, sum({n}.likes) AS likes,
           sum({n}.comments) AS comments, sum({n}.shares) AS shares, sum({n}.saves) AS saves,
           sum({n}.clicks) AS clicks, sum({n}.watch_seconds) AS watch_seconds,
           sum({n}.average_watch_seconds * greatest({n}.views, 1))
               / sum(greatest({n}.views, 1)) FILTER (WHERE {n}.average_watch_seconds IS NOT NULL)
               AS average_watch_seconds,
           sum({n}.follows) AS follows

-- name: page()
placed AS (
    SELECT g.*, coalesce(CASE WHEN $8 LIKE '-%' THEN -1 ELSE 1 END * CASE ltrim($8, '-')
           WHEN 'views' THEN g.views WHEN 'reach' THEN g.reach WHEN 'likes' THEN g.likes
           WHEN 'comments' THEN g.comments WHEN 'shares' THEN g.shares WHEN 'saves' THEN g.saves
           WHEN 'clicks' THEN g.clicks WHEN 'watchSeconds' THEN g.watch_seconds
           WHEN 'averageWatchSeconds' THEN g.average_watch_seconds WHEN 'follows' THEN g.follows
           WHEN 'posts' THEN g.posts WHEN 'key' THEN 0 END::double precision, 'infinity') AS place
      FROM grouped g
)
SELECT key, posts, views, reach, likes, comments, shares, saves, clicks, watch_seconds, average_watch_seconds, follows,
       place
  FROM placed
 WHERE (place, key) > ($9::double precision, $10::text COLLATE "C")
 ORDER BY place, key LIMIT $11
