-- plan: generic
-- A publish or schedule call. `call` is a JSON object (parts.sql: call). The arrays have one element per target.
-- `extras` is null if no target has any; an element is a JSON object with `caption`, `first_comment`, `options`
-- (text) and `conditions` (option_rules.option_conditions). `detail` is that of the audit line, which is written if
-- the call has `audit`. `{offers}` is what platforms offer (registry.Platforms.offers), a constant of the process and
-- environment.

-- name: publish(key, org, environment, container, now, call, posts, accounts, modes, extras, detail, body)
-- The usual call, of an organization without webhook endpoints and event stream: one statement checks it and writes
-- everything, or writes nothing and returns false. Then `publish_checked` runs, which also knows covered content,
-- warnings, replays and calls that wait. They share their rules (parts.sql). What only few calls need stays out of
-- here: each call pays for each node of the plan.
WITH listener AS (
    SELECT FROM event_listeners WHERE organization_id = $2 AND environment = $3 AND NOT is_for_people LIMIT 1
),
-- include: presswork.posts parts.sql usual(NOT EXISTS (SELECT FROM listener), NULL)
SELECT is_set FROM go;

-- name: publish_with_events(key, org, environment, container, now, call, posts, accounts, modes, extras, detail, body)
-- The same for an organization with webhook endpoints or a stream.
WITH
-- include: presswork.events outbox.sql listeners_of($2, $3)
-- include: presswork.posts parts.sql usual(true, CASE WHEN EXISTS (SELECT FROM listener) THEN p END)
, heard AS (
    SELECT post FROM post WHERE EXISTS (SELECT FROM listener)
),
-- include: presswork.events outbox.sql posts_changed(heard, $5)
SELECT is_set FROM go;

-- name: publish_checked(key, org, environment, container, now, call, posts, accounts, modes, extras, detail, body)
-- Every other call: it returns the facts by which `refusals.refuse` explains a refusal, and a stored reply. `fits` must
-- agree with refusals.refuse.
-- Content beyond the bounds of a platform is doubtful: the statement returns the `facts` from which the caller
-- derives the warnings of its reply, and writes only if those in `checked` are the same (or if `checked` is null).
-- With `waiting_body` (the reply of a call that waits), the call is kept as an intent while the content waits for
-- approval. Without it, the call is refused.
-- Posts on a platform that charges for them are doubtful, too: `costs` has what each costs, by its id, as derived from
-- the facts. It is held with the posts; where a concurrent call has used up the budget, that is an error.
-- Content of a project that fills in its texts is doubtful as well: `fills` has what each post stores, by its id, as
-- derived from the same facts, and without the facts nothing is written. Its edits wait for this statement.
WITH
-- include: presswork.events outbox.sql listeners_of($2, $3)
-- include: presswork.posts parts.sql call()
, more AS MATERIALIZED (
    SELECT * FROM json_to_record($6::json)
        AS k(waiting_body text, intent uuid, intent_targets text, waiting_detail text, checked text, chosen_ids uuid[],
             fills jsonb, costs jsonb, queue uuid, slot_at timestamptz, recurrence uuid)
), container AS (
    SELECT c.id, c.project_id, c.status, c.approval_status, c.media_type, p.status AS project_status, c.caption,
           c.first_comment, c.link, c.parts, c.revision, c.is_covered, c.approved_overrides,
           c.media_removed_at IS NOT NULL AS is_media_removed, p.fill::text AS fill,
           p.budgets::text AS budgets
      FROM content_containers c
     CROSS JOIN LATERAL (SELECT status, fill, budgets FROM projects WHERE id = c.project_id LIMIT 1) p
     WHERE c.id = $4 AND c.organization_id = $2 AND c.environment = $3
), kept AS MATERIALIZED (
    -- The lock makes a deletion of the content wait until the posts are stored. One that has committed since the
    -- snapshot leaves no row: then the caller runs the statement again.
    SELECT FROM content_containers
     WHERE id = $4 AND organization_id = $2 AND environment = $3 AND status <> 'deleted' AND media_removed_at IS NULL
       FOR KEY SHARE
), locked AS (
    -- The lock makes a decision on the content wait until the intent is stored, and an edit of covered content until
    -- the posts are. If the content has changed since the snapshot, it is not `current`: then `fits` is false, and the
    -- caller runs the statement again.
    SELECT approval_status, revision FROM content_containers
     WHERE ((SELECT waiting_body IS NOT NULL FROM more) OR (SELECT is_covered OR fill IS NOT NULL FROM container))
       AND id = $4 AND organization_id = $2 AND environment = $3
       AND (approval_status = 'pending' OR (is_covered AND approval_status = 'approved')
            OR (SELECT fill IS NOT NULL FROM container))
       FOR NO KEY UPDATE
), current AS MATERIALIZED (
    SELECT FROM locked l JOIN container c ON c.approval_status = l.approval_status AND c.revision = l.revision
), slot AS MATERIALIZED (
    -- The first free slot for a call that waits; no row: as many wait as may. All calls of a recurrence have one slot,
    -- which one of them holds: the others have none, 0 here. Of two calls that choose the same slot, the later is run
    -- again.
    SELECT n.place FROM generate_series(0, 20) AS n(place)
     WHERE (SELECT waiting_body IS NOT NULL FROM more) AND EXISTS (SELECT FROM current)
       AND CASE n.place
           WHEN 0 THEN EXISTS (SELECT FROM schedule_intents i JOIN more m ON i.recurrence_id = m.recurrence
                                WHERE i.container_id = $4 AND i.slot IS NOT NULL)
           ELSE n.place NOT IN (SELECT i.slot FROM schedule_intents i
                                 WHERE i.container_id = $4 AND i.slot IS NOT NULL) END
     ORDER BY n.place LIMIT 1
),
-- include: presswork.posts parts.sql targets()
, existing_ids AS (
    SELECT i.id FROM more m CROSS JOIN unnest(m.chosen_ids) AS i(id)
     CROSS JOIN LATERAL (SELECT FROM scheduled_posts s WHERE s.id = i.id LIMIT 1) s
), fit AS MATERIALIZED (
    SELECT t.post_id, t.account_id, t.platform, t.mode, t.caption, t.first_comment, t.options, o.has_own_lane,
           CASE WHEN o.has_threads AND c.parts IS NOT NULL THEN (
               SELECT json_agg(json_build_object('index', n, 'externalId', NULL, 'externalUrl', NULL,
                                                 'status', 'queued') ORDER BY n)::text
                 FROM generate_series(0, json_array_length(c.parts::json) - 1) AS n) END AS parts,
           c.parts IS NOT NULL OR
-- include: presswork.posts parts.sql may_fail(t, o, c)
           AS may_fail, (m.fills ->> t.post_id::text)::jsonb AS fill, o.is_priced,
           (m.costs ->> t.post_id::text)::bigint AS cost
      FROM more m CROSS JOIN container c CROSS JOIN target t JOIN offer o ON o.channel = t.channel
     WHERE
-- include: presswork.posts parts.sql fits(t, o, c)
       -- Must agree with refusals._refuse_parts.
       AND (c.parts IS NULL
            OR t.caption IS NULL AND (o.has_threads OR (t.conditions -> 'join_parts')::boolean) IS TRUE)
       -- Texts that were not approved do not go out. Must agree with refusals.refuse_texts.
       AND (NOT c.is_covered OR c.approval_status <> 'approved'
            OR (coalesce(t.caption, c.caption), coalesce(t.first_comment, c.first_comment, ''), t.words)
               = (c.caption, coalesce(c.first_comment, ''), '')
            OR EXISTS (
                SELECT FROM json_to_recordset(c.approved_overrides::json)
                    AS o(account_id uuid, caption text, first_comment text, words json)
                 WHERE o.account_id = t.account_id AND o.caption = coalesce(t.caption, c.caption)
                   AND o.first_comment = coalesce(t.first_comment, c.first_comment, '')
                   AND coalesce(o.words ->> t.platform, '') = t.words))
), verdict AS (
    SELECT EXISTS (SELECT FROM container c WHERE c.status = 'completed' AND c.project_status = 'active'
                      AND NOT c.is_media_removed AND (c.fill IS NULL OR EXISTS (SELECT FROM current))
                      AND (c.approval_status = 'not_required'
                           OR (c.approval_status = 'approved' AND (NOT c.is_covered OR EXISTS (SELECT FROM current)))
                           OR (c.approval_status = 'pending' AND EXISTS (SELECT FROM slot))))
       AND NOT EXISTS (SELECT FROM existing_ids)
       AND (SELECT count(*) FROM fit) = cardinality($7) AS fits,
       (SELECT waiting_body IS NOT NULL FROM more)
           AND EXISTS (SELECT FROM container c WHERE c.approval_status = 'pending') AS waits,
       EXISTS (SELECT FROM fit WHERE may_fail) OR EXISTS (SELECT FROM container WHERE fill IS NOT NULL)
           AS is_doubtful
), facts AS MATERIALIZED (
    SELECT json_build_object(
               'caption', c.caption, 'first_comment', c.first_comment, 'link', c.link, 'parts', c.parts,
               'media_type', c.media_type, 'fill', c.fill, 'budgets', c.budgets,
               'spent', (
-- include: presswork.posts parts.sql spent(c.project_id, utc_month(k.scheduled_for), c.budgets IS NOT NULL)
               ),
               'media', (
-- include: presswork.posts parts.sql probed_media(c.id)
               ),
               'has_phone', (
-- include: presswork.posts parts.sql has_operator_phone($2, $3)
               ),
               'logins', (SELECT json_object_agg(DISTINCT t.account_id, t.login) FROM target t),
               'reduced_privacy', (SELECT coalesce(json_object_agg(DISTINCT t.account_id, t.reduced_privacy), '{}')
                                     FROM target t WHERE t.reduced_privacy IS NOT NULL))::text AS document
      FROM verdict v CROSS JOIN container c CROSS JOIN call k WHERE v.fits AND v.is_doubtful
), ready AS (
    SELECT v.fits AND EXISTS (SELECT FROM kept)
               AND (m.costs IS NOT NULL OR NOT EXISTS (SELECT FROM fit WHERE is_priced))
               AND (m.checked IS NULL AND NOT EXISTS (SELECT FROM container WHERE fill IS NOT NULL)
                    OR NOT EXISTS (SELECT FROM facts f WHERE f.document <> coalesce(m.checked, ''))) AS is_set,
           v.waits, CASE WHEN v.waits THEN 202 ELSE 200 END AS status,
           CASE WHEN v.waits THEN convert_to(m.waiting_body, 'UTF8') ELSE $12::bytea END AS body
      FROM verdict v CROSS JOIN more m
), claim AS (
-- include: presswork.posts parts.sql claim_key(v.status, v.body, CROSS JOIN ready v WHERE v.is_set)
), go AS (
    SELECT v.is_set, v.waits, v.is_set AND NOT v.waits AS has_posts,
           CASE WHEN v.waits THEN m.waiting_detail ELSE $11::text END AS detail
      FROM (SELECT r.is_set AND (k.idempotency_key IS NULL OR EXISTS (SELECT FROM claim)) AS is_set, r.waits
              FROM ready r CROSS JOIN call k) v CROSS JOIN more m
), intent AS (
    INSERT INTO schedule_intents (id, container_id, created_by_key, scheduled_for, targets, created_at, slot,
                                  recurrence_id, occurrence_at)
    SELECT m.intent, $4, $1, k.scheduled_for, m.intent_targets, $5, (SELECT nullif(place, 0) FROM slot), m.recurrence,
           CASE WHEN m.recurrence IS NOT NULL THEN k.scheduled_for END
      FROM go g CROSS JOIN call k CROSS JOIN more m WHERE g.is_set AND g.waits
), raised AS (
    -- Texts of single accounts that a reviewer of covered content has not seen.
    UPDATE content_containers SET revision = revision + 1
     WHERE id = $4 AND is_covered AND (SELECT is_set AND waits FROM go)
       AND EXISTS (SELECT FROM target t WHERE t.caption IS NOT NULL OR t.first_comment IS NOT NULL OR t.words <> '')
),
-- include: presswork.posts parts.sql rows(CASE WHEN EXISTS (SELECT FROM listener) THEN p END, t.parts, t.fill, more)
, held AS (
    SELECT hold_cost(t.post_id, t.project_id, t.platform, t.month, t.cost, false)
      FROM (SELECT t.post_id, c.project_id, t.platform, utc_month(k.scheduled_for) AS month, t.cost
              FROM fit t CROSS JOIN container c CROSS JOIN call k
             WHERE t.cost IS NOT NULL AND (SELECT has_posts FROM go) ORDER BY t.platform, t.post_id OFFSET 0) t
), heard AS (
    SELECT post FROM post WHERE EXISTS (SELECT FROM listener)
),
-- include: presswork.events outbox.sql posts_changed(heard, $5)
SELECT v.fits, (SELECT count(*) FROM held) AS held, g.is_set, v.waits,
       (v.waits OR EXISTS (
               SELECT FROM container c
                WHERE c.is_covered AND c.approval_status = 'approved' OR c.fill IS NOT NULL))
           AND NOT EXISTS (SELECT FROM current)
           OR v.fits AND NOT EXISTS (SELECT FROM kept) AS is_outdated,
       v.waits AND NOT EXISTS (SELECT FROM slot) AS is_full,
       (SELECT document FROM facts) AS facts,
       s.fingerprint AS stored_fingerprint, s.status AS stored_status, s.body AS stored_body,
       CASE WHEN NOT v.fits THEN (SELECT row_to_json(c)::text FROM container c) END AS container,
       CASE WHEN NOT v.fits THEN (
           SELECT json_agg(json_build_object('id', a.account_id, 'project_id', a.project_id, 'login', a.login,
                                             'status', a.status, 'scopes', a.scopes,
                                             'managed', CASE WHEN a.managed <> 'ready' THEN a.managed END,
                                             'has_app', a.app_id IS NOT NULL))::text
             FROM target a WHERE a.account_id IS NOT NULL) END AS accounts,
       CASE WHEN NOT v.fits THEN ARRAY(SELECT id FROM existing_ids) END AS existing_ids,
       CASE WHEN NOT v.fits THEN ARRAY(
           SELECT k.id FROM target t CROSS JOIN LATERAL (
                  SELECT id, is_sample FROM tiktok_tracks WHERE id = (t.conditions ->> 'track')::uuid LIMIT 1) k
            WHERE NOT k.is_sample OR $3 = 'test') END AS tracks
  FROM verdict v CROSS JOIN go g
  LEFT JOIN LATERAL (
       SELECT i.fingerprint, i.status, i.body FROM call k
         JOIN idempotency_keys i ON i.key_id = $1 AND i.route = k.route AND i.idempotency_key = k.idempotency_key
        WHERE NOT g.is_set AND i.created_at >= k.stale_before
        LIMIT 1) s ON true;
