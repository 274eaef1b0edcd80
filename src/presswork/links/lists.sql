-- name: link()
-- The columns of a link, called l, without the hash of its token.
l.id, l.kind, l.organization_id, l.environment, l.project_id, l.container_ids, l.key_id, l.user_id,
       l.settings, l.recipient_name, l.created_at, l.expires_at, l.revoked_at, l.max_uses, l.uses, l.visits,
       l.last_visited_at
