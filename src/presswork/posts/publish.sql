-- plan: generic
-- A publish or schedule call. The arguments of both statements, in this order: key, organization, environment, container,
-- now; one element per target in arrays: posts, accounts, modes, captions, first_comments, options, conditions (a null array:
-- no target has one; see option_rules.option_conditions); scheduled_for, run_at, message, origin; audit, action, operator,
-- request_id, detail (a null `audit`: no line); route, idempotency_key, stale_before, fingerprint, body.
-- `{offers}` is what platforms offer (registry.Platforms.offers), a constant of the process and environment.

-- name: publish(the arguments above)
-- A call that needs no explanation and no second look: one statement checks it and writes everything, or writes nothing and
-- returns false. Then `publish_checked` runs, which also knows covered content, warnings, replays and calls that wait. Both
-- share their rules (parts.sql). What only few calls need stays out of here: each call pays for each node of the plan.
WITH container AS MATERIALIZED (
    SELECT c.project_id, c.media_type, c.caption, c.first_comment
      FROM content_containers c
     CROSS JOIN LATERAL (SELECT status FROM projects WHERE id = c.project_id LIMIT 1) p
     WHERE c.id = $4 AND c.organization_id = $2 AND c.environment = $3 AND c.status = 'completed' AND p.status = 'active'
       AND (c.approval_status = 'not_required' OR c.approval_status = 'approved' AND NOT c.is_covered)
     LIMIT 1
),
-- include: presswork.posts parts.sql targets()
, fit AS MATERIALIZED (
    SELECT t.post_id, t.account_id, t.platform, t.mode, t.caption, t.first_comment, t.options, o.has_own_lane
      FROM container c CROSS JOIN target t JOIN offer o ON o.channel = t.channel
     WHERE
-- include: presswork.posts parts.sql fits(t, o, c)
       AND NOT
-- include: presswork.posts parts.sql may_fail(t, o, c)
), claim AS (
-- include: presswork.posts parts.sql claim_key(200, $26, WHERE (SELECT count(*) FROM fit) = cardinality($6))
), go AS MATERIALIZED (
    SELECT (SELECT count(*) FROM fit) = cardinality($6) AND ($23::text IS NULL OR EXISTS (SELECT FROM claim)) AS is_set
),
-- include: presswork.posts parts.sql written(fit, (SELECT is_set FROM go), (SELECT is_set FROM go), $21)
SELECT is_set FROM go;

-- name: publish_checked(the arguments above, waiting_body, intent, intent_targets, waiting_detail, checked, chosen_ids)
-- Every other call: it returns the facts by which `refusals.refuse` explains a refusal, and a stored reply. `fits` must
-- agree with refusals.refuse.
-- Content beyond the bounds of a platform is doubtful: the statement returns the `facts` from which the caller
-- derives the warnings of its reply, and writes only if those in `checked` are the same (or if `checked` is null).
-- With `waiting_body` (the reply of a call that waits), the call is kept as an intent while the content waits for approval.
-- Without it, the call is refused.
WITH container AS (
    SELECT c.id, c.project_id, c.status, c.approval_status, c.media_type, p.status AS project_status, c.caption,
           c.first_comment, c.revision, c.is_covered, c.approved_overrides
      FROM content_containers c
     CROSS JOIN LATERAL (SELECT status FROM projects WHERE id = c.project_id LIMIT 1) p
     WHERE c.id = $4 AND c.organization_id = $2 AND c.environment = $3
), locked AS (
    -- The lock makes a decision on the content wait until the intent is stored, and an edit of covered content until
    -- the posts are. If the content has changed since the snapshot, it is not `current`: then `fits` is false, and the
    -- caller runs the statement again.
    SELECT approval_status, revision FROM content_containers
     WHERE ($27::bytea IS NOT NULL OR (SELECT is_covered FROM container))
       AND id = $4 AND organization_id = $2 AND environment = $3
       AND (approval_status = 'pending' OR (is_covered AND approval_status = 'approved'))
       FOR NO KEY UPDATE
), current AS MATERIALIZED (
    SELECT FROM locked l JOIN container c ON c.approval_status = l.approval_status AND c.revision = l.revision
), slot AS MATERIALIZED (
    -- The first free slot for a call that waits; no row: as many wait as may. Of two calls that choose the same one,
    -- the later is run again.
    SELECT n.place FROM generate_series(1, 20) AS n(place)
     WHERE $27::bytea IS NOT NULL AND EXISTS (SELECT FROM current)
       AND n.place NOT IN (SELECT i.slot FROM schedule_intents i WHERE i.container_id = $4 AND i.slot IS NOT NULL)
     ORDER BY n.place LIMIT 1
),
-- include: presswork.posts parts.sql targets()
, existing_ids AS (
    SELECT i.id FROM unnest($32::uuid[]) AS i(id)
     CROSS JOIN LATERAL (SELECT FROM scheduled_posts s WHERE s.id = i.id LIMIT 1) s
), fit AS MATERIALIZED (
    SELECT t.post_id, t.account_id, t.platform, t.mode, t.caption, t.first_comment, t.options, o.has_own_lane,
-- include: presswork.posts parts.sql may_fail(t, o, c)
           AS may_fail
      FROM container c CROSS JOIN target t JOIN offer o ON o.channel = t.channel
     WHERE
-- include: presswork.posts parts.sql fits(t, o, c)
       -- Texts that were not approved do not go out. Must agree with refusals._refuse_texts.
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
                      AND (c.approval_status = 'not_required'
                           OR (c.approval_status = 'approved' AND (NOT c.is_covered OR EXISTS (SELECT FROM current)))
                           OR (c.approval_status = 'pending' AND EXISTS (SELECT FROM slot))))
       AND NOT EXISTS (SELECT FROM existing_ids)
       AND (SELECT count(*) FROM fit) = cardinality($6) AS fits,
       $27::bytea IS NOT NULL AND EXISTS (SELECT FROM container c WHERE c.approval_status = 'pending') AS waits,
       EXISTS (SELECT FROM fit WHERE may_fail) AS is_doubtful
), facts AS MATERIALIZED (
    SELECT json_build_object(
               'caption', c.caption, 'first_comment', c.first_comment, 'media_type', c.media_type,
               'media', (
-- include: presswork.posts parts.sql probed_media(c.id)
               ),
               'has_phone', (
-- include: presswork.posts parts.sql has_operator_phone($2, $3)
               ),
               'logins', (SELECT json_object_agg(DISTINCT t.account_id, t.login) FROM target t))::text AS document
      FROM verdict v CROSS JOIN container c WHERE v.fits AND v.is_doubtful
), ready AS (
    SELECT v.fits AND ($31::text IS NULL OR NOT EXISTS (SELECT FROM facts f WHERE f.document <> $31)) AS is_set, v.waits,
           CASE WHEN v.waits THEN 202 ELSE 200 END AS status, CASE WHEN v.waits THEN $27 ELSE $26 END AS body
      FROM verdict v
), claim AS (
-- include: presswork.posts parts.sql claim_key(v.status, v.body, FROM ready v WHERE v.is_set)
), go AS (
    SELECT v.is_set AND ($23::text IS NULL OR EXISTS (SELECT FROM claim)) AS is_set, v.waits FROM ready v
), intent AS (
    INSERT INTO schedule_intents (id, container_id, created_by_key, scheduled_for, targets, created_at, slot)
    SELECT $28::uuid, $4, $1, $13, $29::text, $5, (SELECT place FROM slot) FROM go g WHERE g.is_set AND g.waits
), raised AS (
    -- Texts of single accounts that a reviewer of covered content has not seen.
    UPDATE content_containers SET revision = revision + 1
     WHERE id = $4 AND is_covered AND (SELECT is_set AND waits FROM go)
       AND EXISTS (SELECT FROM target t WHERE t.caption IS NOT NULL OR t.first_comment IS NOT NULL OR t.words <> '')
),
-- include: presswork.posts parts.sql written(fit, (SELECT is_set AND NOT waits FROM go), (SELECT is_set FROM go), (SELECT CASE WHEN waits THEN $30 ELSE $21 END FROM go))
SELECT v.fits, g.is_set, v.waits,
       (v.waits OR EXISTS (SELECT FROM container c WHERE c.is_covered AND c.approval_status = 'approved'))
           AND NOT EXISTS (SELECT FROM current) AS is_outdated,
       v.waits AND NOT EXISTS (SELECT FROM slot) AS is_full,
       (SELECT document FROM facts) AS facts,
       s.fingerprint AS stored_fingerprint, s.status AS stored_status, s.body AS stored_body,
       CASE WHEN NOT v.fits THEN (SELECT row_to_json(c)::text FROM container c) END AS container,
       CASE WHEN NOT v.fits THEN (
           SELECT json_agg(json_build_object('id', a.account_id, 'project_id', a.project_id, 'login', a.login,
                                             'status', a.status, 'scopes', a.scopes,
                                             'managed', CASE WHEN a.managed <> 'ready' THEN a.managed END))::text
             FROM target a WHERE a.account_id IS NOT NULL) END AS accounts,
       CASE WHEN NOT v.fits THEN ARRAY(SELECT id FROM existing_ids) END AS existing_ids,
       CASE WHEN NOT v.fits THEN ARRAY(
           SELECT id FROM tiktok_tracks WHERE id IN (SELECT (conditions ->> 'track')::uuid FROM target)) END AS tracks
  FROM verdict v CROSS JOIN go g
  LEFT JOIN LATERAL (
       SELECT i.fingerprint, i.status, i.body FROM idempotency_keys i
        WHERE NOT g.is_set AND i.key_id = $1 AND i.route = $22 AND i.idempotency_key = $23 AND i.created_at >= $24
        LIMIT 1) s ON true;
