-- name: recurrence(r, now)
-- A recurrence with the occurrences to come that are made: queued posts and calls that wait, at the times that they
-- have now.
{r}.id, {r}.container_id, {r}.project_id, {r}.organization_id, {r}.environment, {r}.every, {r}.unit, {r}.weekdays,
{r}.month_day, {r}.local_time, {r}.timezone, {r}.until, {r}.max_count, {r}.targets, {r}.captions, {r}.caller,
{r}.starts_on, {r}.next_on, {r}.made, {r}.error, {r}.error_count, {r}.ended_at, {r}.created_at, {r}.updated_at,
ARRAY(SELECT p.scheduled_for FROM recurrence_occurrences o JOIN scheduled_posts p ON p.id = ANY(o.post_ids)
       WHERE o.recurrence_id = {r}.id AND o.at > {now} AND p.status = 'queued'
       UNION
      SELECT i.scheduled_for FROM schedule_intents i
       WHERE i.container_id = {r}.container_id AND i.recurrence_id = {r}.id
       ORDER BY 1) AS occurrences
