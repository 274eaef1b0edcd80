-- Drafts of the composer.

-- name: insert_draft(id, project, organization, environment, body, by, by_name, now, most)
-- No row if the project has as many as it may have.
WITH made AS (
    INSERT INTO composer_drafts AS d (id, project_id, organization_id, environment, body, updated_by, updated_by_name,
                                      created_at, updated_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8::timestamptz, $8::timestamptz
     WHERE (SELECT count(*) FROM (SELECT FROM composer_drafts WHERE project_id = $2 LIMIT $9) d) < $9
    RETURNING d.*, d AS draft
),
-- include: presswork.events outbox.sql draft_changed(made, $8, (o.row).updated_by, (o.row).updated_by_name, NULL)
SELECT id, project_id, body, revision, updated_by, updated_by_name, created_at, updated_at FROM made;

-- name: find_draft(organization, environment, id)
SELECT id, project_id, body, revision, updated_by, updated_by_name, created_at, updated_at FROM composer_drafts
 WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: update_draft(id, revision, body, by, by_name, now)
WITH changed AS (
    UPDATE composer_drafts d
       SET body = $3, revision = revision + 1, updated_by = $4, updated_by_name = $5, updated_at = $6
     WHERE id = $1 AND revision = $2
    RETURNING d.*, d AS draft
),
-- include: presswork.events outbox.sql draft_changed(changed, $6, (o.row).updated_by, (o.row).updated_by_name, NULL)
SELECT id, project_id, body, revision, updated_by, updated_by_name, created_at, updated_at FROM changed;

-- name: delete_draft(id, by, by_name, now)
-- The event names who deleted it.
WITH deleted AS (
    DELETE FROM composer_drafts d WHERE id = $1 RETURNING d AS draft
),
-- include: presswork.events outbox.sql draft_changed(deleted, $4, $2::text, $3::text, $4)
SELECT count(*) FROM deleted;

-- name: list_drafts(organization, environment, project, projects, before_at, before_id, limit)
-- plan: custom
-- Of one project, of some, or of all.
SELECT id, project_id, body, revision, updated_by, updated_by_name, created_at, updated_at FROM composer_drafts
 WHERE organization_id = $1 AND environment = $2 AND ($3::uuid IS NULL OR project_id = $3)
   AND ($4::uuid[] IS NULL OR project_id = ANY($4)) AND (updated_at, id) < ($5, $6)
 ORDER BY updated_at DESC, id DESC LIMIT $7;
