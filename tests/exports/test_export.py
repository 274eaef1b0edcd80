"""The export of a project: one archive with everything, made by workers, behind a link that expires."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.lifecycle.test_erasure import files_with, lay_out, work
from tests.posts.conftest import bare
from tests.world import World

from presswork.core.errors import Unavailable
from presswork.exports.make_export import ExportJob, ExportRun
from presswork.exports.model import KEPT_FOR, MAX_ATTEMPTS
from presswork.exports.store import sweep_exports
from presswork.jobs.runner import LeaseLost
from presswork.media.store import MediaStore
from presswork.worker.project_jobs import export_jobs
from presswork.worker.row_jobs import RowJobs

_MARK: Final = "MARK-OF-THE-BAKERY"


@pytest.fixture
async def world(api: Api) -> World:
    """The public API with a key that may administer its organization."""
    return World(api=api, client=await api.client(scopes=("*", "org:admin")))


def jobs_of(world: World, worker_id: str = "w1", store: MediaStore | None = None) -> RowJobs[ExportJob]:
    """Return the job source of a worker."""
    context = world.api.context
    run = ExportRun(context.pool, store or context.part(MediaStore), worker_id)
    return export_jobs(run, context.clock, leases=context.pool)


async def start(world: World, project: str, **body: object) -> str:
    """Start an export."""
    answer = await world.client.post(f"/v1/projects/{project}/exports", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def read(world: World, export: str) -> dict[str, Any]:
    """Read an export."""
    answer = await world.client.get(f"/v1/exports/{export}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def lines_of(archive: ZipFile, name: str) -> list[dict[str, Any]]:
    """Return the documents of a file."""
    return [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]


async def test_the_archive_has_everything_of_the_project_and_nothing_of_another(world: World, picture: bytes) -> None:
    """Every kind has its file, posts have their timelines, media is as it was uploaded, and no secret is in it."""
    project = await lay_out(world, picture, "bakery", _MARK)
    other = await lay_out(world, picture, "cafe", "twin")
    await work(jobs_of(world))
    (export,) = (await world.client.get(f"/v1/projects/{project}/exports")).json()["items"]
    assert (export["status"], export["progress"], export["error"]) == ("done", {"done": 6, "total": 6}, None)
    browser = await world.api.anonymous()
    answer = await browser.get(export["url"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="bakery-mark-of-the-bakery-')
    assert len(answer.content) == export["sizeBytes"]
    archive = ZipFile(BytesIO(answer.content))
    assert archive.testzip() is None
    manifest = json.loads(archive.read("manifest.json"))
    counts = {name.removesuffix(".jsonl"): count for name, count in manifest["files"].items()}
    audit = counts.pop("audit")
    assert counts == {
        "project": 1, "accounts": 2, "layers": 1, "drafts": 1, "queues": 1, "recurrences": 1, "links": 4, "webhook_endpoints": 1, "channels": 1, "account_insights": 1,
        "content": 1, "reviews": 1, "content_comments": 1, "posts": 2, "insights": 1,
        "comments": 1, "saved_replies": 1, "snippets": 1,
    }  # fmt: skip
    assert {name: len(lines_of(archive, name)) for name in counts} == counts
    assert len(lines_of(archive, "audit")) == audit > 10
    (name,) = [one for one in archive.namelist() if one.startswith("media/")]
    assert archive.read(name) == picture
    assert (manifest["mediaFiles"], manifest["missingMedia"]) == (1, [])
    canceled = next(post for post in lines_of(archive, "posts") if post["captionOverride"] == f"Rolls {_MARK}")
    shown = await world.post(canceled["id"])
    assert canceled["timeline"] == await world.timeline(canceled["id"])
    assert {**canceled, "timeline": None} == {**shown, "timeline": None}
    (document,), stored = lines_of(archive, "project"), (await world.client.get(f"/v1/projects/{project}")).json()
    assert {name: document[name] for name in ("variables", "utm", "budgets")} == {
        "variables": {"mark": _MARK},
        "utm": None,
        "budgets": stored["budgets"],
    }
    whole = b"".join(archive.read(one) for one in archive.namelist() if one.endswith(".jsonl")).decode()
    assert str(bare(other)) not in whole
    assert "twin" not in whole
    for word in ("sealed", "token_hash", "secret"):
        assert word not in whole


async def test_an_export_begins_again_after_its_worker_died_and_leaves_no_file(
    world: World, picture: bytes, clock: MovableClock
) -> None:
    """The file appears whole or not at all, a worker without the lease stops, and the quota does not count it."""
    project = await lay_out(world, picture, "bakery", _MARK)
    pool = world.api.context.pool
    usage = await pool.fetchval("SELECT size_bytes FROM media_usage")
    first, second = jobs_of(world, "w1"), jobs_of(world, "w2")
    (job,) = await first.claim(10)
    clock.advance(RowJobs.lease + timedelta(seconds=1))
    (taken,) = await second.claim(10)
    assert await first.renew([job.id]) == {job.id}
    with pytest.raises(LeaseLost):
        await first.run(job)
    assert files_with(world, "exports/") == []
    await second.run(taken)
    (export,) = (await world.client.get(f"/v1/projects/{project}/exports")).json()["items"]
    assert export["status"] == "done"
    assert len(files_with(world, "exports/")) == 1
    assert await pool.fetchval("SELECT size_bytes FROM media_usage") == usage


async def test_an_export_that_can_not_be_stored_is_tried_again_and_fails_at_last(
    world: World, picture: bytes, clock: MovableClock
) -> None:
    """The reason is shown; another one can be started then."""
    project = await world.project()
    export = await start(world, project)
    refused = await world.client.post(f"/v1/projects/{project}/exports", json={})
    assert refused.json()["error"]["details"] == {"reason": "export_running", "exportId": export}
    store = world.api.context.part(MediaStore)

    class Full(MediaStore):
        async def put_chunks(self, key: str, chunks: AsyncIterator[bytes], size_bytes: int, content_type: str) -> None:
            async for _ in chunks:
                pass
            raise Unavailable("The media store is full.")

    for _ in range(MAX_ATTEMPTS):
        await work(jobs_of(world, store=Full(store._store)))
        clock.advance(timedelta(minutes=11))
    failed = await read(world, export)
    assert (failed["status"], failed["error"], failed["url"]) == ("failed", "The media store is full.", None)
    await start(world, project, media=True)


async def test_the_link_ends_with_the_export(world: World, picture: bytes, clock: MovableClock) -> None:
    """After three days the link, the file and the record are gone; a changed link opens nothing."""
    project = await lay_out(world, picture, "bakery", _MARK)
    await work(jobs_of(world))
    (export,) = (await world.client.get(f"/v1/projects/{project}/exports")).json()["items"]
    browser = await world.api.anonymous()
    part = await browser.get(export["url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"PK\x03\x04")
    assert (await browser.get(export["url"][:-2] + "xx")).status_code == 401
    stranger = await world.api.client(organization="Strangers", scopes=("*", "org:admin"))
    assert (await stranger.get(f"/v1/exports/{export['id']}")).status_code == 404
    pool, store = world.api.context.pool, world.api.context.part(MediaStore)
    assert await sweep_exports(pool, store, now=clock.now(), limit=10) == 0
    clock.advance(KEPT_FOR + timedelta(seconds=1))
    assert (await browser.get(export["url"])).status_code == 401
    assert await sweep_exports(pool, store, now=clock.now(), limit=10) == 1
    assert files_with(world, "exports/") == []
    assert (await world.client.get(f"/v1/exports/{export['id']}")).status_code == 404


async def test_a_missing_file_is_reported_and_pages_follow_each_other(
    world: World, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive of many pages has every row once; a file that the store lost is named in the manifest."""
    monkeypatch.setattr("presswork.exports.write_export._PAGE", 2)
    monkeypatch.setattr("presswork.exports.write_export._CONTAINERS", 2)
    project = await world.project("Ünïcode / Bäckerei")
    account = await world.account(project, "instagram", "bakery")
    containers = [await world.content(project, picture, caption=f"Bread {number}\nsecond line") for number in range(5)]
    posts = [post for container in containers for post in await world.publish(container, account)]
    pool = world.api.context.pool
    key = await pool.fetchval("SELECT object_key FROM media_assets WHERE container_id = $1", bare(containers[3]))
    await world.api.context.part(MediaStore).delete(key)
    export = await start(world, project, media=True)
    await work(jobs_of(world))
    browser = await world.api.anonymous()
    archive = ZipFile(BytesIO((await browser.get((await read(world, export))["url"])).content))
    assert sorted(one["id"] for one in lines_of(archive, "content")) == sorted(containers)
    assert sorted(one["id"] for one in lines_of(archive, "posts")) == sorted(posts)
    entries = [one["id"] for one in lines_of(archive, "audit")]
    assert (
        len(entries)
        == len(set(entries))
        == await pool.fetchval(
            "SELECT count(*) FROM audit_log WHERE action <> 'key.create' AND object_id IS NOT NULL AND action NOT LIKE 'organization%'"
        )
    )
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["mediaFiles"] == 5
    assert len(manifest["missingMedia"]) == 1
    assert len([one for one in archive.namelist() if one.startswith("media/")]) == 4
