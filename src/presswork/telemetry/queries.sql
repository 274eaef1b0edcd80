-- name: database_time(now)
SELECT coalesce($1::timestamptz, now());

-- name: backlog(now, max_count, worker_since, worker_until)
-- Size of the queue. Each count reads at most `max_count` entries of an index, however large the table is.
SELECT (SELECT count(*) FROM (SELECT FROM scheduled_posts WHERE status = 'queued' AND run_at > created_at
                                 AND run_at <= $1
                               ORDER BY run_at, created_at, id LIMIT $2) d)
     + (SELECT count(*) FROM (SELECT FROM scheduled_posts WHERE status = 'queued' AND run_at <= created_at
                               ORDER BY run_at, created_at, id LIMIT $2) d) AS due,
       least((SELECT run_at FROM scheduled_posts WHERE status = 'queued' AND run_at > created_at AND run_at <= $1
               ORDER BY run_at, created_at, id LIMIT 1),
             (SELECT run_at FROM scheduled_posts WHERE status = 'queued' AND run_at <= created_at
               ORDER BY run_at, created_at, id LIMIT 1)) AS oldest_due_at,
       (SELECT count(*) FROM (SELECT FROM scheduled_posts WHERE status = 'queued' AND run_at > created_at
                               AND run_at > $1 AND run_at <= $1::timestamptz + interval '1 hour'
                               ORDER BY run_at, created_at, id LIMIT $2) d) AS due_within_hour,
       a.at_work, a.waiting, a.lapsed, a.retrying, a.blocked_on_config,
       (SELECT count(*) FROM (SELECT FROM post_follow_ups WHERE run_at <= $1
                               ORDER BY run_at, post_id LIMIT $2) f) AS follow_ups_due,
       (SELECT count(*) FROM (SELECT FROM live_changes WHERE ended_at IS NULL AND run_at <= $1
                               ORDER BY run_at, post_id LIMIT $2) l) AS live_changes_due,
       (SELECT count(*) FROM (SELECT FROM text_messages WHERE status IN ('queued', 'sending') AND run_at <= $1
                               ORDER BY run_at, id LIMIT $2) t) AS texts_due,
       (SELECT count(*) FROM (SELECT FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id
                              AND d.status = 'pending'
                               WHERE e.status = 'active' LIMIT $2) d) AS webhooks_pending,
       (SELECT min(w.since) FROM (SELECT id FROM webhook_endpoints WHERE status = 'active' LIMIT $2) e
         CROSS JOIN LATERAL (SELECT greatest(due_at, created_at) AS since FROM webhook_deliveries d
                              WHERE d.endpoint_id = e.id AND d.status = 'pending' AND d.due_at <= $1
                              ORDER BY d.due_at, d.position LIMIT 1) w) AS oldest_webhook_at,
       (SELECT count(*) FROM (SELECT FROM webhook_endpoints WHERE paused_reason <> 'by_request'
                              LIMIT $2) e) AS webhook_endpoints_paused,
       (SELECT count(*) FROM (SELECT FROM social_accounts WHERE status = 'reauth_required'
                              LIMIT $2) r) AS accounts_to_reauth,
       (SELECT count(*) FROM workers WHERE seen_at >= $3 AND seen_at <= $4) AS workers
  FROM (SELECT count(*) FILTER (WHERE leased_by IS NOT NULL AND leased_until > $1) AS at_work,
               count(*) FILTER (WHERE leased_by IS NULL AND leased_until > $1) AS waiting,
               count(*) FILTER (WHERE leased_until <= $1) AS lapsed,
               count(*) FILTER (WHERE last_error_at IS NOT NULL) AS retrying,
               count(*) FILTER (WHERE missing_since IS NOT NULL) AS blocked_on_config
          FROM (SELECT leased_by, leased_until, last_error_at, missing_since FROM scheduled_posts
                 WHERE status = 'publishing'
                 ORDER BY leased_until, id LIMIT $2) p) a;

-- name: late_since(now, max_count)
-- Since when the longest-waiting post has waited only for a worker: the first of its lane that no worker claims, or
-- one whose lease (or snooze) has ended and that no worker takes over. A post behind one of its lane that is being
-- published, or that is snoozed for a limit or a setting, is not late. A post waits from when it was due and the one
-- before it was over. Reads only the `max_count` posts that were due first: if all of these wait behind others, workers
-- are busy.
WITH due AS MATERIALIZED (
    (SELECT lane, run_at FROM scheduled_posts WHERE status = 'queued' AND run_at > created_at AND run_at <= $1
      ORDER BY run_at, created_at, id LIMIT $2)
    UNION ALL
    (SELECT lane, run_at FROM scheduled_posts WHERE status = 'queued' AND run_at <= created_at
      ORDER BY run_at, created_at, id LIMIT $2)
), free AS (
    SELECT lane FROM due WHERE lane NOT IN (SELECT lane FROM scheduled_posts WHERE status = 'publishing')
     GROUP BY lane ORDER BY min(run_at), lane LIMIT 100
), head AS (
    SELECT h.id, h.lane, h.run_at, h.scheduled_for, h.social_account_id
      FROM free f
     CROSS JOIN LATERAL (
           SELECT e.id, e.lane, e.run_at, e.created_at, e.scheduled_for, e.social_account_id FROM scheduled_posts e
            WHERE e.lane = f.lane AND e.status = 'queued'
              AND (coalesce(e.due_at, e.run_at) <= $1 OR coalesce(e.due_at, e.run_at) <= e.created_at)
            ORDER BY coalesce(e.due_at, e.run_at), e.created_at, e.id LIMIT 1) h
     WHERE h.run_at <= $1 OR h.run_at <= h.created_at
)
SELECT min(since) FROM (
    SELECT greatest(h.run_at, (
               SELECT max(b.updated_at)
                 FROM unnest(ARRAY['published', 'draft', 'failed', 'canceled']) AS s(status)
                CROSS JOIN LATERAL (
                      SELECT e.updated_at FROM scheduled_posts e
                       WHERE e.social_account_id = h.social_account_id AND e.status = s.status
                         AND (e.scheduled_for, e.id) <= (h.scheduled_for, h.id)
                       ORDER BY e.scheduled_for DESC, e.id DESC LIMIT 1) b
                WHERE h.lane = h.social_account_id)) AS since
      FROM head h
    UNION ALL
    (SELECT leased_until FROM scheduled_posts WHERE status = 'publishing' AND leased_until <= $1
      ORDER BY leased_until, id LIMIT 1)
) w;
