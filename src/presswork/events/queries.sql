-- plan: generic

-- name: keep_stream(organization, environment, now, kept_for, id)
-- From the commit of this statement on, every change of the organization and environment writes its events. The instant
-- in the id of the row is the one since when they are written without a break.
INSERT INTO event_listeners AS l (id, organization_id, environment, events, is_stream, kept_until)
VALUES ($5, $1, $2, '{}', true, coalesce($3, now()) + $4::interval)
ON CONFLICT (organization_id, environment) WHERE is_stream
DO UPDATE SET kept_until = greatest(l.kept_until, excluded.kept_until);

-- name: number_events(limit, now)
-- Numbers events that have been committed, in the order in which they were written, and returns how many. Callers take
-- turns: the lock is held until the commit, so all numbers of one turn are committed before a higher one is given. The
-- snapshot may be older than the end of the turn before; what that turn has moved is skipped. An event that commits
-- later, although it was written earlier, is numbered in a later turn. Changes of one post, content or account are
-- written in the order of their commits, since each locks its row.
WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(7217042306) AS lock
), moved AS (
    DELETE FROM event_outbox WHERE position = ANY(ARRAY(
        SELECT o.position
          FROM turn CROSS JOIN LATERAL (SELECT position FROM event_outbox ORDER BY position LIMIT $1) o))
    RETURNING position, organization_id, environment, project_id, event_id, event_type, occurred_at, data
), numbered AS (
    INSERT INTO stream_events (organization_id, environment, project_id, event_id, event_type, occurred_at, data,
                               numbered_at)
    SELECT organization_id, environment, project_id, event_id, event_type, occurred_at, data, coalesce($2, now())
      FROM moved ORDER BY position
    RETURNING 1
)
SELECT count(*) FROM numbered;

-- name: read_events(after, organizations, limit)
-- The next events of some organizations. `horizon` is the last number that exists; `previous_id` is the event with the
-- number $1: not the one that was read, if the database has failed over to a server that does not have it.
SELECT (SELECT event_id FROM stream_events WHERE number = $1) AS previous_id,
       h.number AS horizon, h.event_id AS horizon_id,
       e.number, e.organization_id, e.environment, e.project_id, e.event_id, e.event_type, e.occurred_at, e.data
  FROM (SELECT 1) AS one
  LEFT JOIN (SELECT number, event_id FROM stream_events ORDER BY number DESC LIMIT 1) h ON true
  LEFT JOIN LATERAL (
       SELECT number, organization_id, environment, project_id, event_id, event_type, occurred_at, data
         FROM stream_events WHERE number > $1 AND organization_id = ANY($2::uuid[]) ORDER BY number LIMIT $3) e ON true
 ORDER BY e.number;

-- name: replay_events(organization, environment, after, limit)
SELECT number, organization_id, environment, project_id, event_id, event_type, occurred_at, data
  FROM stream_events WHERE organization_id = $1 AND environment = $2 AND number > $3 ORDER BY number LIMIT $4;

-- name: number_of_event(organization, environment, event)
SELECT e.number, e.numbered_at, l.id AS stream_id
  FROM stream_events e JOIN event_listeners l USING (organization_id, environment)
 WHERE e.event_id = $3 AND organization_id = $1 AND environment = $2 AND l.is_stream LIMIT 1;

-- name: last_event(organization, environment)
SELECT number, event_id FROM stream_events WHERE organization_id = $1 AND environment = $2 ORDER BY number DESC LIMIT 1;

-- name: insert_event(organization, environment, project, event, type, occurred_at, data)
-- An event without a change: a test message, or the start of a stream.
INSERT INTO event_outbox (organization_id, environment, project_id, event_id, event_type, occurred_at, data)
SELECT $1, $2, $3, $4, $5, $6, $7
 WHERE EXISTS (SELECT FROM event_listeners WHERE organization_id = $1 AND environment = $2 AND is_stream);

-- name: sweep_events(before, limit)
-- Deletes events that are older than an instant, oldest first, and returns how many. The newest of them stays for each
-- stream: who has seen it can still resume. The last number of all stays as well.
WITH young AS MATERIALIZED (
    SELECT least((SELECT number FROM stream_events WHERE numbered_at >= $1 ORDER BY number LIMIT 1),
                 (SELECT number FROM stream_events ORDER BY number DESC LIMIT 1)) AS number
), swept AS (
    DELETE FROM stream_events WHERE number = ANY(ARRAY(
        SELECT e.number FROM young y CROSS JOIN LATERAL (
               SELECT number, organization_id, environment FROM stream_events
                WHERE number < y.number ORDER BY number) e
         WHERE EXISTS (SELECT FROM stream_events n
                        WHERE n.organization_id = e.organization_id AND n.environment = e.environment
                          AND n.number > e.number AND n.number < y.number)
            OR NOT EXISTS (SELECT FROM event_listeners l
                            WHERE l.organization_id = e.organization_id AND l.environment = e.environment
                              AND l.is_stream)
         ORDER BY e.number LIMIT $2))
    RETURNING 1
)
SELECT count(*) FROM swept;

-- name: sweep_streams(now)
DELETE FROM event_listeners WHERE is_stream AND kept_until < $1;

-- name: notify_streams(channel)
-- Wakes the processes with open streams, if there are any. Need not survive a crash, so the commit does not wait.
SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, '')
  FROM event_listeners WHERE is_stream LIMIT 1;
