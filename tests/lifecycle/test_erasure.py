"""The erasure of a project: everything of it is gone, nothing of its twin is, and a receipt stays."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from tests.api.tenants import make_posting_link
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.posts.conftest import bare
from tests.world import World

from presswork.core.errors import Unavailable
from presswork.core.ids import new_id
from presswork.db.pool import Connection, Pool
from presswork.exports.make_export import ExportRun
from presswork.jobs.runner import LeaseLost
from presswork.lifecycle.erase_project import ErasureJob, ErasureRun, Work
from presswork.media.store import MediaStore
from presswork.worker.project_jobs import erasure_jobs, export_jobs
from presswork.worker.row_jobs import RowJobs

_MARK: Final = "ERASE-ME-7Q"
_PARENTS: Final[Mapping[str, str]] = {
    "project_id": "projects",
    "container_id": "content_containers",
    "post_id": "scheduled_posts",
    "republish_of": "scheduled_posts",
    "social_account_id": "social_accounts",
    "asset_id": "media_assets",
    "link_id": "page_links",
    "connect_link_id": "page_links",
    "endpoint_id": "webhook_endpoints",
    "layer_id": "layers",
}
"""Columns that name a row without a foreign key. One of a new table is found by its name."""
_KEPT: Final[Mapping[str, str]] = {
    "audit_log": "who did what and when stays, without details",
    "erasures": "the receipt",
    "usage_entries": "numbers alone, which are billed",
}
_EMPTIED: Final[Mapping[str, str]] = {
    "event_outbox": "events of a stream, of the last moments",
    "stream_events": "events of a stream, of the last hour",
}
"""Tables that have rows only while a client reads the event stream."""


@pytest.fixture
async def world(api: Api) -> World:
    """The public API with a key that may administer its organization."""
    return World(api=api, client=await api.client(scopes=("*", "org:admin")))


def run_of(world: World, worker_id: str = "w1", **more: object) -> ErasureRun:
    """Return what erases projects."""
    context = world.api.context
    run = ErasureRun(
        pool=context.pool,
        store=context.part(MediaStore),
        keyring=context.keyring,
        platforms=context.platforms,
        worker_id=worker_id,
    )
    return replace(run, **more)  # type: ignore[arg-type]  # fields of it


def jobs_of(world: World, worker_id: str = "w1", **more: object) -> RowJobs[ErasureJob]:
    """Return the job source of a worker."""
    context = world.api.context
    return erasure_jobs(run_of(world, worker_id, **more), context.clock, leases=context.pool)


async def work(jobs: RowJobs[Any]) -> None:
    """Do what a worker can claim now."""
    for job in await jobs.claim(10):
        await jobs.run(job)


async def erase(world: World, project: str) -> dict[str, Any]:
    """Archive a project, and start its erasure."""
    await archive(world, project)
    answer = await world.client.delete(f"/v1/projects/{project}", params={"erase": "true"})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def archive(world: World, project: str) -> None:
    """Archive a project."""
    answer = await world.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
    assert answer.status_code == 200, answer.text


async def receipt(world: World, erasure: str) -> dict[str, Any]:
    """Read an erasure."""
    answer = await world.client.get(f"/v1/erasures/{erasure}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def lay_out(world: World, picture: bytes, handle: str, mark: str) -> str:
    """Make a project with a row in every table that hangs off it, and return its id."""
    client, pool = world.client, world.api.context.pool
    project = await world.project(f"Bakery {mark}")
    account = await world.account(project, "instagram", handle)
    tiktok = await world.account(project, "tiktok", "shared")
    container = await world.content(project, picture, caption=f"Bread {mark}", comment=f"Open {mark}")
    key = {"Idempotency-Key": f"key-{mark}"}
    published = await client.post(
        f"/v1/content/{container}/publish",
        json={"targets": [{"socialAccountId": account, "mode": "publish", "captionOverride": f"Rolls {mark}"}]},
        headers=key,
    )
    (post,) = published.json()["scheduledPostIds"]
    await client.delete(f"/v1/scheduled-posts/{post}", headers=key)
    again = await client.post(f"/v1/scheduled-posts/{post}/republish", json={}, headers=key)
    assert again.status_code == 201, again.text
    await client.post("/v1/drafts", json={"projectId": project, "body": {"text": mark}})
    await client.post(
        f"/v1/projects/{project}/layers", json={"templateId": str(new_id()), "socialAccountIds": [tiktok]}
    )
    await client.post(f"/v1/projects/{project}/connect-links", json={"expiresInHours": 1, "maxUses": 1})
    await client.post(f"/v1/projects/{project}/portal-links", json={"recipientName": mark})
    review = await client.post(
        "/v1/content/review-links",
        json={"containerIds": [container], "expiresInHours": 1, "canDecide": True, "recipientName": mark},
    )
    await make_posting_link(client, container, tiktok)
    hook = {
        "url": "https://hooks.example.com/one",
        "events": ["post.scheduled"],
        "description": mark,
        "projectId": project,
    }
    endpoint = await client.post("/v1/webhook-endpoints", json=hook)
    assert endpoint.status_code == 201, endpoint.text
    await client.post(f"/v1/webhook-endpoints/{endpoint.json()['endpoint']['id']}/test")
    await client.post("/v1/scheduled-posts/bulk", json={"action": "cancel", "ids": [post, f"sp_{new_id()}"]})
    asset = await pool.fetchval("SELECT id FROM media_assets WHERE container_id = $1", bare(container))
    link, comment = bare(str(review.json()["id"])), new_id()
    await client.post(f"/v1/projects/{project}/saved-replies", json={"name": mark, "text": f"Yes {mark}"})
    await client.post(f"/v1/projects/{project}/snippets", json={"name": mark, "text": f"Yes {mark}"})
    values = {"variables": {"mark": mark}, "budgets": {"x": {"monthlyUsd": 20.5}}}
    await client.patch(f"/v1/projects/{project}", json=values)
    app = {"platform": "youtube", "name": "A", "clientId": "client", "clientSecret": "secret", "projectIds": [project]}
    await client.post("/v1/platform-apps", json=app)
    queue = await client.post(
        f"/v1/projects/{project}/queues", json={"name": mark, "slots": [{"weekday": "mon", "time": "09:00"}]}
    )
    for statement, *arguments in (
        (
            "INSERT INTO queue_holds (queue_id, slot_at, social_account_id, post_id) VALUES ($1, now(), $2, $3)",
            bare(queue.json()["id"]), bare(tiktok), bare(post),
        ),
        ("INSERT INTO upload_parts (asset_id, part_number, object_key, received_at) VALUES ($1, 1, 'x', now())", asset),
        (
            """INSERT INTO content_reviews (container_id, at, by_link, by_name, decision, note, revision)
               VALUES ($1, now(), $2, $3, 'rejected', $3, 1)""",
            bare(container), link, mark,
        ),
        (
            "INSERT INTO content_reminders (container_id, after, due_at) VALUES ($1, interval '1 hour', now())",
            bare(container),
        ),
        (
            """INSERT INTO content_comments (id, container_id, project_id, organization_id, environment, text, visibility, author,
                                             author_name, created_at)
               SELECT $1, id, project_id, organization_id, environment, $3, 'external', 'rvl_' || $1::uuid, $3, now()
                 FROM content_containers WHERE id = $2""",
            new_id(), bare(container), mark,
        ),
        (
            """WITH r AS (
                   INSERT INTO recurrences (id, project_id, organization_id, environment, container_id, every, unit, weekdays,
                                            local_time, timezone, targets, captions, caller, starts_on, created_at, updated_at)
                   SELECT $1, project_id, organization_id, environment, id, 1, 'day', '{}', '08:30', 'UTC', '[]', ARRAY[$3::text],
                          '{}', now(), now(), now() FROM content_containers WHERE id = $2 RETURNING id
               ), o AS (
                   INSERT INTO recurrence_occurrences (recurrence_id, day, at, post_ids, made_at)
                   SELECT id, now(), now(), '{}', now() FROM r
               )
               INSERT INTO queue_refills (queue_id, slot_at, container_id, post_ids, made_at)
               SELECT q.id, now(), $2, '{}', now() FROM queues q JOIN content_containers c ON c.project_id = q.project_id
                WHERE c.id = $2 LIMIT 1""",
            new_id(), bare(container), mark,
        ),
        (
            """INSERT INTO schedule_intents (id, container_id, created_by_key, scheduled_for, targets, created_at)
               VALUES ($1, $2, $1, now(), '[]', now())""",
            new_id(), bare(container),
        ),
        (
            """INSERT INTO text_messages (id, notice_id, position, container_id, organization_id, environment, kind, phone, body,
                                          has_link, status, run_at, created_at, updated_at)
               SELECT $1, $1, 0, id, organization_id, environment, 'caption', '+351', $3, false, 'sent', now(), now(), now()
                 FROM content_containers WHERE id = $2""",
            new_id(), bare(container), mark,
        ),
        (
            "INSERT INTO review_visitors (link_id, visitor, name, seen, began_at) VALUES ($1, $2, $3, '{}', now())",
            link, new_id(), mark,
        ),
        (
            """INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)
               VALUES ($1, true, false, now(), now(), 0)""",
            bare(post),
        ),
        (
            """INSERT INTO live_changes (post_id, kind, asked_at, gives_up_at, run_at, ended_at)
               VALUES ($1, 'take_down', now(), now(), now(), now())""",
            bare(post),
        ),
        (
            """INSERT INTO comments (id, project_id, organization_id, environment, social_account_id, post_id, platform, external_id,
                                     thread, thread_at, author, text, is_own, offered, status, note, created_at, seen_at)
               SELECT $2, project_id, organization_id, environment, social_account_id, id, platform, 'c-1', 'c-1', now(), $3, $3, false,
                      '{}', 'new', $3, now(), now() FROM scheduled_posts WHERE id = $1""",
            bare(post), comment, mark,
        ),
        (
            """WITH c AS (
                   INSERT INTO notice_channels (id, project_id, organization_id, environment, kind, sealed_target, shown_target, events,
                                                status, created_at, updated_at)
                   SELECT $1, project_id, organization_id, environment, 'email', '', $3, '{}', 'active', now(), now()
                     FROM content_containers WHERE id = $2 RETURNING id, project_id, organization_id, environment
               ), e AS (
                   INSERT INTO notice_events (organization_id, environment, project_id, event_id, event_type, subject_id, occurred_at, data)
                   SELECT organization_id, environment, project_id, id, 'post.failed', id, now(), $3 FROM c
               ), n AS (
                   INSERT INTO notices (id, organization_id, environment, project_id, container_id, event_type, subject_type, subject_id,
                                        title, text, at)
                   SELECT id, organization_id, environment, project_id, $2, 'post.failed', 'post', id, $3, $3, now() FROM c
               ), u AS (
                   INSERT INTO users (id, organization_id, email, name, role, role_source, created_at)
                   SELECT id, organization_id, id || '@example.com', 'Ada', 'viewer', 'administrator', now() FROM c RETURNING id
               ), l AS (
                   INSERT INTO notifications (notice_id, user_id, environment, at)
                   SELECT c.id, u.id, c.environment, now() FROM c CROSS JOIN u
               ), d AS (
                   INSERT INTO notice_destinations (id, kind) SELECT id, 'channel' FROM c
               )
               INSERT INTO notice_deliveries (destination_id, notice_id, event_type, due_at, created_at)
               SELECT id, id, 'post.failed', now(), now() FROM c""",
            new_id(), bare(container), mark,
        ),
        ("INSERT INTO token_warnings (social_account_id, token_expires_at, days) VALUES ($1, now(), 7)", bare(account)),
        (
            """INSERT INTO comment_calls (comment_id, kind, post_id, asked_at, gives_up_at, run_at)
               VALUES ($1, 'hide', $2, now(), now(), now())""",
            comment, bare(post),
        ),
        (
            """INSERT INTO live_reads (post_id, kind, social_account_id, published_at)
               SELECT id, 'insights', social_account_id, now() FROM scheduled_posts WHERE id = $1""",
            bare(post),
        ),
        (
            """INSERT INTO account_reads (social_account_id, kind, run_at, account_due_at, last_error)
               VALUES ($1, 'insights', now(), now(), $2)""",
            bare(account), mark,
        ),
        (
            "INSERT INTO post_insights (post_id, taken_at, raw) VALUES ($1, now(), jsonb_build_object('title', $2::text))",
            bare(post), mark,
        ),
        (
            """INSERT INTO post_insights_latest (post_id, project_id, organization_id, container_id, social_account_id, published_at,
                                                 taken_at, environment, platform)
               SELECT id, project_id, organization_id, container_id, social_account_id, now(), now(), environment, platform
                 FROM scheduled_posts WHERE id = $1""",
            bare(post),
        ),
        (
            "INSERT INTO account_insights (social_account_id, day, followers) VALUES ($1, current_date, 3)",
            bare(account),
        ),
        (
            """INSERT INTO account_insights_latest (social_account_id, taken_at, followers, unavailable, missing_scopes)
               VALUES ($1, now(), 3, '{}', '{}')""",
            bare(account),
        ),
        (
            """INSERT INTO media_renditions (object_key, container_id, organization_id, size_bytes, created_at)
               SELECT 'renditions/' || $2::text, id, organization_id, 1, now() FROM content_containers WHERE id = $1""",
            bare(container), mark,
        ),
        (
            """INSERT INTO content_erasures (container_id, organization_id, subject_ids, position, until)
               SELECT id, organization_id, '{}', id, id FROM content_containers WHERE id = $1""",
            bare(container),
        ),
        (
            "SELECT hold_cost(id, project_id, platform, utc_month(now()), 1, false) FROM scheduled_posts WHERE id = $1",
            bare(post),
        ),
        (
            "INSERT INTO media_grants (id, post_id, object_key, expires_at) VALUES ($1, $2, 'x', now())",
            new_id(), bare(post),
        ),
        (
            """INSERT INTO platform_notices (platform, environment, external_account_id, event, detail, body_hash, occurred_at,
                                             received_at)
               SELECT platform, environment, external_id, 'x', $2, sha256($2::text::bytea), now(), now()
                 FROM social_accounts WHERE id = $1""",
            bare(account), f"notice {mark}",
        ),
    ):  # fmt: skip
        await pool.execute(statement, *arguments)
    await archive_all_posts(pool, project)
    export = await client.post(f"/v1/projects/{project}/exports", json={"media": True})
    assert export.status_code == 202, export.text
    return project


async def archive_all_posts(pool: Pool, project: str) -> None:
    """End what is queued, with an outcome that has a text."""
    await pool.execute(
        """UPDATE scheduled_posts SET status = 'canceled', canceled_at = now() WHERE project_id = $1 AND status = 'queued'""",
        bare(project),
    )


async def links_of(connection: Connection | Pool) -> Sequence[tuple[str, str, str]]:
    """Return every column that names a row of a table which hangs off a project: (table, column, parent)."""
    keys = await connection.fetch(
        """SELECT c.conrelid::regclass::text AS child, a.attname AS name, c.confrelid::regclass::text AS parent
             FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND cardinality(c.conkey) = 1"""
    )
    columns = await connection.fetch(
        """SELECT c.relname::text AS child, a.attname::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace AND a.attname = ANY($1)""",
        list(_PARENTS),
    )
    named = [(row["child"], row["name"], _PARENTS[row["name"]]) for row in columns]
    found = {"projects"}
    links = sorted({*((row["child"], row["name"], row["parent"]) for row in keys), *named})
    while True:
        hanging = {child for child, _, parent in links if parent in found}
        if hanging <= found:
            return [link for link in links if link[2] in found and link[0] != "projects"]
        found |= hanging


async def rows_of(pool: Pool, project: str) -> dict[str, set[str]]:
    """Return the rows of a project as texts, by table."""
    links = await links_of(pool)
    ids: dict[str, set[UUID]] = defaultdict(set, projects={bare(project)})
    rows: dict[str, set[str]] = {table: set() for table in ("projects", *(child for child, _, _ in links))}
    for row in await pool.fetch("SELECT p::text AS row FROM projects p WHERE id = $1", bare(project)):
        rows["projects"].add(row["row"])
    is_growing = True
    while is_growing:
        is_growing = False
        for child, column, parent in links:
            for row in await pool.fetch(
                f"SELECT t::text AS row, to_jsonb(t) ->> 'id' AS id FROM {child} t WHERE {column} = ANY($1::uuid[])",  # noqa: S608  names from the catalogue
                list(ids[parent]),
            ):
                if row["row"] not in rows[child]:
                    rows[child].add(row["row"])
                    is_growing = True
                    if row["id"] is not None and "-" in row["id"]:
                        ids[child].add(UUID(row["id"]))
    return rows


async def tables_with(pool: Pool, text: str) -> dict[str, int]:
    """Return how many rows of each table of the database contain a text."""
    tables = await pool.fetch(
        """SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
              AND relnamespace = current_schema()::regnamespace ORDER BY relname"""
    )
    found = {}
    for row in tables:
        count = await pool.fetchval(
            f"SELECT count(*) FROM {row['relname']} t WHERE position($1 IN t::text) > 0",  # noqa: S608  a name from the catalogue
            text,
        )
        if count:
            found[row["relname"]] = count
    return found


def files_with(world: World, *texts: str) -> list[str]:
    """Return the files of the media store whose paths contain one of these texts."""
    settings = world.api.context.settings
    folder = Path(str(settings.media_store or settings.data_dir / "media"))
    return sorted(str(path) for path in folder.rglob("*") if path.is_file() and any(one in str(path) for one in texts))


async def test_everything_of_a_project_is_erased_and_nothing_of_its_twin(
    world: World, picture: bytes, clock: MovableClock
) -> None:
    """Both have one account in common and a row in every table that hangs off a project, found in the schema."""
    pool = world.api.context.pool
    everywhere = {"url": "https://hooks.example.com/all", "events": ["post.scheduled", "social_account.connected"]}
    assert (await world.client.post("/v1/webhook-endpoints", json=everywhere)).status_code == 201
    erased, twin = await lay_out(world, picture, "bakery", _MARK), await lay_out(world, picture, "cafe", "twin")
    await work(
        export_jobs(ExportRun(pool, world.api.context.part(MediaStore), "w1"), world.api.context.clock, leases=pool)
    )
    before, kept = await rows_of(pool, erased), await rows_of(pool, twin)
    forgotten = [table for table, rows in before.items() if not rows and table not in {*_KEPT, *_EMPTIED}]
    assert forgotten == [], "lay_out makes no row in these tables, which hang off a project: add one"
    replies = await pool.fetchval("SELECT count(*) FROM idempotency_keys")
    tokens = await pool.fetchval("SELECT count(*) FROM social_accounts WHERE sealed_tokens IS NOT NULL")
    assert (replies, tokens) == (6, 4)

    names = [str(row["id"]) for row in await pool.fetch("SELECT id FROM content_containers ORDER BY caption")]
    assert len(files_with(world, "exports/")) == 2
    assert [len(files_with(world, name)) for name in names] == [2, 2]  # the original and its preview

    started = await erase(world, erased)
    assert started["status"] == "running"
    running = await receipt(world, started["id"])
    assert (running["projectName"], running["progress"]) == (f"Bakery {_MARK}", {"done": 0, "total": None})
    await work(jobs_of(world))
    done = await receipt(world, started["id"])
    assert (done["status"], done["error"], done["projectName"]) == ("done", None, None)
    assert done["progress"] == {"done": 5, "total": 5}
    after = await rows_of(pool, erased)
    assert {table for table, rows in after.items() if rows} == {"erasures", "usage_entries"}
    assert await rows_of(pool, twin) == kept
    assert await tables_with(pool, _MARK) == {}
    assert set(await tables_with(pool, str(bare(erased)))) == set(_KEPT)
    assert await pool.fetchval("SELECT count(*) FROM idempotency_keys") == 3
    assert done["counts"] | {"auditEntries": 0} == {
        "accounts": 2, "auditEntries": 0, "bulkItems": 1, "comments": 1, "content": 1, "drafts": 1, "exports": 1, "layers": 1, "links": 4, "logins": 2,
        "mediaFiles": 1, "posts": 2, "queues": 1, "recurrences": 1, "savedReplies": 1, "snippets": 1, "storedReplies": 3, "textMessages": 1, "webhookDeliveries": 5, "webhookEndpoints": 1,
    }  # fmt: skip
    assert [len(files_with(world, name)) for name in names] == [0, 2]
    assert len(files_with(world, "exports/")) == 1
    gone = await world.client.get(f"/v1/projects/{erased}")
    again = await world.client.delete(f"/v1/projects/{erased}", params={"erase": "true"})
    assert (gone.status_code, again.status_code) == (404, 404)
    listed = (await world.client.get("/v1/erasures")).json()["items"]
    assert listed == [done]


async def test_an_erasure_continues_wherever_its_worker_dies(
    world: World, picture: bytes, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker dies after each commit; the next one continues, and the counts are those of an erasure without deaths."""
    project = await lay_out(world, picture, "bakery", _MARK)
    other = await lay_out(world, picture, "cafe", "twin")
    expected = await _erase_and_count(world, other)
    started = await erase(world, project)
    commit, deaths = ErasureRun._commit, 0

    async def die(run: ErasureRun, job: ErasureJob, batch: Work) -> bool:
        removed = await commit(run, job, batch)
        if removed:
            raise _Died
        return removed

    monkeypatch.setattr(ErasureRun, "_commit", die)
    while (await receipt(world, started["id"]))["status"] == "running":
        clock.advance(RowJobs.lease + timedelta(seconds=1))
        with suppress(_Died):
            await work(jobs_of(world, f"w{deaths}"))
            continue
        deaths += 1
        assert deaths < 50
    done = await receipt(world, started["id"])
    assert done["counts"] == expected
    assert deaths > 10
    assert await tables_with(world.api.context.pool, _MARK) == {}


class _Died(Exception):
    """The worker is gone."""


async def _erase_and_count(world: World, project: str) -> dict[str, int]:
    started = await erase(world, project)
    await work(jobs_of(world))
    return dict((await receipt(world, started["id"]))["counts"])


async def test_a_store_that_fails_delays_an_erasure_and_a_lost_lease_stops_it(
    world: World, picture: bytes, clock: MovableClock
) -> None:
    """No row that leads to an object is removed before the object, and a worker without the lease removes nothing."""
    project = await lay_out(world, picture, "bakery", _MARK)
    started = await erase(world, project)
    store = world.api.context.part(MediaStore)

    class Failing(MediaStore):
        async def delete_folder(self, folder: str) -> None:
            raise Unavailable("The media store failed.")

    await work(jobs_of(world, store=Failing(store._store)))
    waiting = await receipt(world, started["id"])
    assert (waiting["status"], waiting["error"]) == ("running", "The media store failed.")
    assert await world.api.context.pool.fetchval("SELECT count(*) FROM media_assets") == 1
    assert await jobs_of(world).claim(10) == []  # it waits
    clock.advance(timedelta(seconds=11))
    first, second = jobs_of(world, "w1"), jobs_of(world, "w2")
    (job,) = await first.claim(10)
    clock.advance(RowJobs.lease + timedelta(seconds=1))
    (taken,) = await second.claim(10)
    assert await first.renew([job.id]) == {job.id}
    with pytest.raises(LeaseLost):
        await first.run(job)
    assert await world.api.context.pool.fetchval("SELECT count(*) FROM media_assets") == 1
    await second.run(taken)
    assert (await receipt(world, started["id"]))["status"] == "done"


async def test_what_can_not_be_erased_now_is_refused(world: World, picture: bytes, api: Api) -> None:
    """An active project, one with a post that is being published, without the confirmation, or of others."""
    project = await lay_out(world, picture, "bakery", _MARK)
    path, erasing = f"/v1/projects/{project}", {"erase": "true"}
    refusal = (await world.client.delete(path, params=erasing)).json()["error"]
    assert (refusal["code"], refusal["details"]["reason"]) == ("CONFLICT", "not_archived")
    await archive(world, project)
    for wrong in ({}, {"erase": "false"}):
        assert (await world.client.delete(path, params=wrong)).status_code == 422
    pool = world.api.context.pool
    await pool.execute(
        """UPDATE scheduled_posts SET status = 'publishing', canceled_at = NULL, leased_until = now() WHERE id =
           (SELECT id FROM scheduled_posts WHERE project_id = $1 LIMIT 1)""",
        bare(project),
    )
    refusal = (await world.client.delete(path, params=erasing)).json()["error"]
    assert (refusal["code"], refusal["details"]["reason"], refusal["details"]["posts"]) == (
        "CONFLICT", "posts_in_flight", 1,
    )  # fmt: skip
    await pool.execute("UPDATE scheduled_posts SET status = 'canceled', leased_until = NULL, canceled_at = now()")
    stranger = await api.client(organization="Strangers", scopes=("*", "org:admin"))
    assert (await stranger.delete(path, params=erasing)).status_code == 404
    first = (await world.client.delete(path, params=erasing)).json()
    assert (await world.client.delete(path, params=erasing)).json() == first
    assert (await stranger.get(f"/v1/erasures/{first['id']}")).status_code == 404
    assert (await stranger.get("/v1/erasures")).json()["items"] == []


async def test_the_audit_log_keeps_who_did_what_without_details(world: World, picture: bytes) -> None:
    """The entries of the project stay, and those of others, with their details, are not changed."""
    project = await lay_out(world, picture, "bakery", _MARK)
    await lay_out(world, picture, "cafe", "twin")
    pool = world.api.context.pool
    columns = "id, at, action, actor, key_id, user_id, link_id, object_id, request_id"
    before = await pool.fetch(f"SELECT {columns} FROM audit_log ORDER BY at, id")  # noqa: S608  the columns are named here
    details = {row["id"]: row["detail"] for row in await pool.fetch("SELECT id, detail FROM audit_log")}
    started = await erase(world, project)
    own = await pool.fetch("SELECT id FROM audit_log WHERE action = 'project.archive' OR action = 'project.erase'")
    await work(jobs_of(world))
    new = [row["id"] for row in own]
    assert await pool.fetch(f"SELECT {columns} FROM audit_log WHERE id <> ALL($1) ORDER BY at, id", new) == before  # noqa: S608  as above
    rows = await pool.fetch("SELECT id, detail FROM audit_log WHERE id <> ALL($1)", new)
    after = {row["id"]: row["detail"] for row in rows}
    changed = {one for one, detail in after.items() if detail != details[one]}
    assert {after[one] for one in changed} == {'{"erased":true}'}
    assert (await receipt(world, started["id"]))["counts"]["auditEntries"] == len(changed) + 1  # archiving as well
    asked = await pool.fetchval("SELECT detail FROM audit_log WHERE action = 'project.erase'")
    assert json.loads(asked) == {"erasureId": started["id"]}
    assert not any(_MARK in detail for detail in after.values())
    assert (
        sum("twin" in detail for detail in after.values()) == sum("twin" in detail for detail in details.values()) > 0
    )


async def test_only_details_of_a_project_that_is_being_erased_can_be_removed(world: World, picture: bytes) -> None:
    """Without a running erasure, the function of the owner changes no entry."""
    project = await lay_out(world, picture, "bakery", _MARK)
    removed = await world.api.context.pool.fetchval("SELECT erase_audit_details($1, $2)", bare(project), [project])
    assert removed == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.api.context.pool.execute("UPDATE audit_log SET detail = '{}'")
