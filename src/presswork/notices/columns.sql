-- name: channel(of)
-- The columns of a channel. `store.channel_of` parses them.
{of}.id, {of}.project_id, {of}.kind, {of}.shown_target, {of}.events, {of}.status, {of}.paused_at, {of}.paused_reason,
       {of}.last_error, {of}.last_sent_at, {of}.created_at, {of}.updated_at
