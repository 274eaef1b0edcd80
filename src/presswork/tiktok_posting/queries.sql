-- name: keep_open(id, until)
-- The page of a link that has posted shows the post for longer than the link was made for.
UPDATE page_links SET expires_at = greatest(expires_at, $2) WHERE id = $1;
