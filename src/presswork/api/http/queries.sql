-- name: project_of_container(id)
-- plan: generic
SELECT project_id FROM content_containers WHERE id = $1 LIMIT 1;

-- name: project_of_post(id)
-- plan: generic
SELECT project_id FROM scheduled_posts WHERE id = $1 LIMIT 1;

-- name: project_of_account(id)
-- plan: generic
SELECT project_id FROM social_accounts WHERE id = $1 LIMIT 1;

-- name: project_of_draft(id)
-- plan: generic
SELECT project_id FROM composer_drafts WHERE id = $1 LIMIT 1;

-- name: project_of_recurrence(id)
-- plan: generic
SELECT project_id FROM recurrences WHERE id = $1 LIMIT 1;

-- name: project_of_queue(id)
-- plan: generic
SELECT project_id FROM queues WHERE id = $1 LIMIT 1;

-- name: project_of_recurrence(id)
-- plan: generic
SELECT project_id FROM recurrences WHERE id = $1 LIMIT 1;

-- name: project_of_comment(id)
-- plan: generic
SELECT project_id FROM comments WHERE id = $1 LIMIT 1;

-- name: project_of_snippet(id)
-- plan: generic
SELECT project_id FROM snippets WHERE id = $1 LIMIT 1;

-- name: project_of_export(id)
-- plan: generic
SELECT project_id FROM exports WHERE id = $1 LIMIT 1;

-- name: project_of_erasure(id)
-- plan: generic
SELECT project_id FROM erasures WHERE id = $1 LIMIT 1;

-- name: project_of_layer(id)
-- plan: generic
SELECT project_id FROM layers WHERE id = $1 LIMIT 1;

-- name: project_of_link(id)
-- plan: generic
SELECT project_id FROM page_links WHERE id = $1 LIMIT 1;

-- name: project_of_endpoint(id)
-- plan: generic
SELECT project_id FROM webhook_endpoints WHERE id = $1 LIMIT 1;

-- name: project_of_channel(id)
-- plan: generic
SELECT project_id FROM notice_channels WHERE id = $1 LIMIT 1;

-- name: project_of_login(state)
-- plan: generic
SELECT project_id FROM oauth_states WHERE state = $1 LIMIT 1;

-- name: project_of_delivery(id)
-- plan: generic
SELECT (SELECT e.project_id FROM webhook_endpoints e WHERE e.id = d.endpoint_id LIMIT 1)
  FROM webhook_deliveries d WHERE d.id = $1 LIMIT 1;
