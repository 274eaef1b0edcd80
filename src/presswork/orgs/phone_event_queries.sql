-- name: lock_organization(organization)
-- Serializes changes of the primary operator, and the counting of the organization's codes and notices.
SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE;

-- name: lock_phone(phone)
-- Serializes the counting for a number, which several organizations may text. After the locks on rows of projects.
SELECT pg_advisory_xact_lock(hashtextextended('phone code ' || $1::text, 0));

-- name: count_event(id, organization, environment, phone_hash, kind, now)
INSERT INTO phone_events (id, organization_id, environment, phone_hash, kind, counted_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: drop_event(id)
DELETE FROM phone_events WHERE id = $1;

-- name: events_of_phone(phone_hashes, organization, environment, kinds, since, limit)
-- What was counted for a number: in the organization, and for real text messages in all organizations.
SELECT kind, environment, counted_at FROM phone_events
 WHERE phone_hash = ANY($1::bytea[]) AND kind = ANY($4::text[]) AND counted_at > $5
   AND (organization_id = $2 OR ($3::text = 'live' AND environment = 'live'))
 ORDER BY counted_at DESC, id LIMIT $6;

-- name: events_of_organization(organization, environment, kinds, since, limit)
SELECT kind, environment, counted_at FROM phone_events
 WHERE organization_id = $1 AND environment = $2 AND kind = ANY($3::text[]) AND counted_at > $4
 ORDER BY counted_at DESC, id LIMIT $5;
