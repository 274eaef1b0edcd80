-- name: insert_request(id, kind, login, environment, digest, confirmation_code, issued_at, now)
-- No row if the same request was handled before, at either URL. A concurrent repetition waits here until the first
-- one has ended.
INSERT INTO user_requests (id, kind, login, environment, digest, confirmation_code, issued_at, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (digest, login, environment) DO NOTHING
RETURNING id;

-- name: complete_request(id, accounts, canceled_posts)
UPDATE user_requests SET accounts = $2, canceled_posts = $3 WHERE id = $1;

-- name: find_request(digest, login, environment)
SELECT kind, confirmation_code FROM user_requests WHERE digest = $1 AND login = $2 AND environment = $3;

-- name: find_deletion(confirmation_code)
SELECT login, confirmation_code, received_at, accounts, canceled_posts FROM user_requests
 WHERE confirmation_code = $1;

-- name: sweep(kind, before, limit)
DELETE FROM user_requests WHERE id IN (
    SELECT id FROM user_requests WHERE kind = $1 AND received_at < $2
     ORDER BY received_at LIMIT $3 FOR UPDATE SKIP LOCKED
);
