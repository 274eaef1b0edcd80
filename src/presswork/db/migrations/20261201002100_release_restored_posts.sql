-- migrate:up

-- Posts that may have gone live before a restore and that wait for an approval in a project that was archived since: the
-- approval can't come any more. Archiving now releases them (posts/queries.sql: cancel_queued); the worker ends them.
WITH released AS (
    UPDATE scheduled_posts p SET is_held = false, run_at = least(p.created_at, now()), updated_at = now(),
           version = p.version + 1
      FROM projects j
     WHERE j.id = p.project_id AND j.status = 'archived' AND p.status = 'queued' AND p.is_held
       AND p.live_call_at IS NOT NULL
    RETURNING p.id
)
INSERT INTO post_events (post_id, at, event, message, detail)
SELECT id, now(), 'queued', 'The project is archived. The post is not canceled: it may have gone live before Presswork was '
       || 'restored from a backup.', '{}' FROM released;
