-- name: endpoint(of)
-- The columns of an endpoint, for statements that select from rows named `of`. `store.endpoint_of` parses them.
{of}.id, {of}.organization_id, {of}.environment, {of}.project_id, {of}.url, {of}.description, {of}.events, {of}.status,
       {of}.paused_at, {of}.paused_reason, {of}.failures_in_row, {of}.former_until, {of}.created_at, {of}.updated_at,
       {of}.made_by_approver AND {of}.changed_by_approver AS has_review_urls

-- name: delivery(of)
-- The columns of a delivery. `store.delivery_of` parses them.
{of}.id, {of}.endpoint_id, {of}.event_id, {of}.event_type, {of}.occurred_at, {of}.data, {of}.status, {of}.due_at,
       {of}.attempt_log, {of}.settled_at, {of}.replay_of, {of}.created_at
