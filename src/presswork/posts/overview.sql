-- plan: custom
-- The posts of all projects of an organization and environment: their list, and their number per day.

-- name: search_all_desc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned)
-- include: presswork.posts lists.sql search(p.organization_id = $1 AND p.environment = $2, <, >=, DESC, ASC)

-- name: search_all_asc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned)
-- include: presswork.posts lists.sql search(p.organization_id = $1 AND p.environment = $2, >, <=, ASC, DESC)

-- name: search_project_desc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql search(p.project_id = $10, <, >=, DESC, ASC)

-- name: search_project_asc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql search(p.project_id = $10, >, <=, ASC, DESC)

-- name: search_account_desc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql search(p.social_account_id = $10, <, >=, DESC, ASC)

-- name: search_account_asc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql search(p.social_account_id = $10, >, <=, ASC, DESC)

-- name: search_container_desc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql search(p.container_id = $10, <, >=, DESC, ASC)

-- name: search_container_asc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql search(p.container_id = $10, >, <=, ASC, DESC)

-- name: group_all_desc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned)
-- include: presswork.posts lists.sql group(p.organization_id = $1 AND p.environment = $2, <, >=, DESC, ASC)

-- name: group_all_asc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned)
-- include: presswork.posts lists.sql group(p.organization_id = $1 AND p.environment = $2, >, <=, ASC, DESC)

-- name: group_project_desc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql group(p.project_id = $10, <, >=, DESC, ASC)

-- name: group_project_asc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql group(p.project_id = $10, >, <=, ASC, DESC)

-- name: group_account_desc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql group(p.social_account_id = $10, <, >=, DESC, ASC)

-- name: group_account_asc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql group(p.social_account_id = $10, >, <=, ASC, DESC)

-- name: group_container_desc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql group(p.container_id = $10, <, >=, DESC, ASC)

-- name: group_container_asc(organization, environment, statuses, near_at, near_id, far, limit, filter, scanned, key)
-- include: presswork.posts lists.sql group(p.container_id = $10, >, <=, ASC, DESC)

-- name: count_all(organization, environment, statuses, near_at, near_id, far, filter, limit)
-- include: presswork.posts lists.sql count(p.organization_id = $1 AND p.environment = $2)

-- name: count_project(organization, environment, statuses, near_at, near_id, far, filter, limit, key)
-- include: presswork.posts lists.sql count(p.project_id = $9)

-- name: count_account(organization, environment, statuses, near_at, near_id, far, filter, limit, key)
-- include: presswork.posts lists.sql count(p.social_account_id = $9)

-- name: count_container(organization, environment, statuses, near_at, near_id, far, filter, limit, key)
-- include: presswork.posts lists.sql count(p.container_id = $9)

-- name: summarize_all(organization, environment, statuses, since, until, borders, limit, first_day)
-- The number of posts of each account, day and status, from one range of an index per status. It reads no rows of the
-- table. The days are divided at `borders`. The counts are planned for the span and in no order: otherwise the plan
-- sorts all posts before it counts them, on disk where there are many, instead of by hash. OFFSET keeps it from reading
-- the index of the accounts, which would be sorted but is that of all organizations.
WITH counted AS MATERIALIZED (
    SELECT
-- include: presswork.posts lists.sql counts($6)
      FROM (SELECT scheduled_for, status, social_account_id FROM scheduled_posts
             WHERE organization_id = $1 AND environment = $2 AND status = ANY($3::text[])
               AND scheduled_for BETWEEN $4 AND $5 OFFSET 0) p
     GROUP BY day, p.social_account_id LIMIT $7 + 1
),
-- include: presswork.posts lists.sql summary($7, $8)

-- name: summarize_projects(projects, statuses, since, until, borders, limit, first_day)
-- The same for some projects, which the caller may see.
WITH counted AS MATERIALIZED (
    SELECT
-- include: presswork.posts lists.sql counts($5)
      FROM unnest($1::uuid[]) AS j(project_id)
     CROSS JOIN LATERAL (
           SELECT scheduled_for, status, social_account_id FROM scheduled_posts
            WHERE project_id = j.project_id AND status = ANY($2::text[]) AND scheduled_for BETWEEN $3 AND $4
           OFFSET 0) p
     GROUP BY day, p.social_account_id LIMIT $6 + 1
),
-- include: presswork.posts lists.sql summary($6, $7)

-- name: summarize_labels(org, environment, statuses, since, until, borders, limit, first_day, projects, labels)
-- The same for posts whose content has one of some labels, of all projects ($9 is null) or of some. The content of each
-- post is looked up, or all that has labels is read from its index.
WITH counted AS MATERIALIZED (
    SELECT
-- include: presswork.posts lists.sql counts($6)
      FROM (SELECT p.scheduled_for, p.status, p.social_account_id
              FROM scheduled_posts p JOIN content_containers c ON c.id = p.container_id
             WHERE p.organization_id = $1 AND p.environment = $2 AND p.status = ANY($3::text[])
               AND p.scheduled_for BETWEEN $4 AND $5 AND ($9::uuid[] IS NULL OR p.project_id = ANY($9))
               AND c.labels <> '{}' AND c.labels && $10::text[] OFFSET 0) p
     GROUP BY day, p.social_account_id LIMIT $7 + 1
),
-- include: presswork.posts lists.sql summary($7, $8)

-- name: documents_of(posts)
-- plan: generic
-- Of posts that were found, in their order.
SELECT
-- include: presswork.events document.sql document(p)
  FROM unnest($1::uuid[]) WITH ORDINALITY AS f(id, place)
 CROSS JOIN LATERAL (SELECT * FROM scheduled_posts WHERE id = f.id LIMIT 1) p
 ORDER BY f.place;

-- name: timezone_of_project(organization, environment, project)
-- plan: generic
SELECT timezone FROM projects WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: project_exists(organization, environment, project)
-- plan: generic
SELECT true FROM projects WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: account_exists(organization, environment, account)
-- plan: generic
SELECT true FROM social_accounts WHERE id = $3 AND organization_id = $1 AND environment = $2;

-- name: container_exists(organization, environment, container)
-- plan: generic
SELECT true FROM content_containers WHERE id = $3 AND organization_id = $1 AND environment = $2;
