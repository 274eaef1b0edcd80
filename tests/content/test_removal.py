"""What leaves the media store: what was noted, what no row names, and what a setting lets go; never what a row names."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chaos.ledger import Verdict
from chaos.media import check_media, read_media
from obstore.store import MemoryStore
from tests.posts.conftest import INSTAGRAM_SCOPES, bare, insert_account

from presswork.content.quota import count_media_bytes
from presswork.content.retention import MediaRetention
from presswork.core.errors import Unavailable
from presswork.media.orphan_sweep import ORPHANS_KEPT, SWEEP_EVERY, sweep_orphans
from presswork.media.removals import sweep_removals
from presswork.media.store import MediaStore

OLD = ORPHANS_KEPT + timedelta(hours=1)
KEEP = timedelta(days=30)


def folder_of(content_client: Any) -> Path:
    """Return the folder of the media store."""
    folder: Path = content_client.api.context.settings.data_dir / "media"
    return folder


def age(folder: Path, by: timedelta, now: datetime) -> None:
    """Make everything in a folder as old as that."""
    at = (now - by).timestamp()
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (at, at))


async def sweep_all(content_client: Any, now: datetime, *, limit: int = 3) -> None:
    """Read the whole store once, page by page."""
    context = content_client.api.context
    await context.pool.execute("UPDATE media_sweep SET due_at = '-infinity'")
    while await sweep_orphans(context.pool, context.part(MediaStore), now, limit=limit) == limit:
        pass


async def test_a_store_that_fails_loses_no_removal(
    content_client: Any, files: Any, picture: bytes, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deletion is done and counts; its objects leave once the store works again."""
    context = content_client.api.context
    container = (await content_client.upload(files.put("a.jpg", picture))).json()["id"]
    store = context.part(MediaStore)

    async def fail(key: str) -> None:
        raise Unavailable(f"no {key}")

    with monkeypatch.context() as patched:
        patched.setattr(store, "delete", fail)
        assert (await content_client.client.delete(f"/v1/content/{container}")).status_code == 200
    assert len(content_client.stored()) == 2
    assert await content_client.count("media_removals") == 2
    assert await sweep_removals(context.pool, store, clock.now(), limit=10) == 0, "the call has a minute for it"
    later = clock.now() + timedelta(minutes=2)
    assert await sweep_removals(context.pool, store, later, limit=10) == 2
    assert (content_client.stored(), await content_client.count("media_removals")) == ([], 0)


async def test_the_sweep_removes_what_no_row_names_and_nothing_else(
    content_client: Any, files: Any, picture: bytes, video: bytes, clock: Any
) -> None:
    """Objects of killed uploads, old enough and of an organization of ours, go; named ones, young ones and those of others stay."""
    context, now = content_client.api.context, clock.now()
    url = files.put("a.jpg", picture)
    await content_client.upload(url, url, url)
    await content_client.upload(files.put("a.mp4", video))
    open_upload = await content_client.expect(("b.jpg", "image/jpeg", picture), grouping="per-file")
    await content_client.put(open_upload["files"][0], picture)
    link = {"url": files.base_url + "/page", "title": "T", "description": "D", "imageUrl": url}
    assert (await content_client.create(text="Look", link=link)).status_code == 201
    named = content_client.stored()
    (organization,) = {key.split("/")[1] for key in named}
    container = named[0].split("/")[2]
    orphans = [
        f"originals/{organization}/{uuid4()}/{uuid4()}",
        f"originals/{organization}/{container}/{uuid4()}-part-3-0123",
        f"originals/{organization}/{container}/{uuid4()}-abc#7",
        f"previews/{organization}/{container}/{uuid4()}-thumbnail",
        f"logos/{organization}/{uuid4()}/{uuid4()}",
        f"exports/{uuid4()}.zip#1",
    ]
    others = [
        f"originals/{uuid4()}/{uuid4()}/{uuid4()}",
        f"renditions/{uuid4()}/0123456789abcdef.jpg",
        "exports/something",
    ]
    folder = folder_of(content_client)
    for key in (*orphans, *others):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    everything = sorted([*named, *orphans, *others])
    age(folder, ORPHANS_KEPT - timedelta(hours=1), now)
    await sweep_all(content_client, now)
    assert content_client.stored() == everything, "all are too young"
    age(folder, OLD, now)
    await sweep_all(content_client, now)
    assert content_client.stored() == sorted([*named, *others])
    row = await context.pool.fetchrow("SELECT position, due_at FROM media_sweep")
    assert (row["position"], row["due_at"]) == ("", now + SWEEP_EVERY)
    assert await sweep_orphans(context.pool, context.part(MediaStore), now) == 0, "not due"


async def test_the_ledger_of_a_chaos_run_reads_store_and_rows(
    content_client: Any, files: Any, picture: bytes, video: bytes
) -> None:
    """It finds nothing after uploads and a deletion, and each error that is made on purpose. Orphans are swept before it looks."""
    context, client = content_client.api.context, content_client.client
    pool, store, url = context.pool, context.part(MediaStore), files.put("a.jpg", picture)
    kept, deleted = [(await content_client.upload(url)).json()["id"] for _ in range(2)]
    await content_client.upload(files.put("a.mp4", video))
    waiting = await content_client.expect(("b.jpg", "image/jpeg", picture), grouping="per-file")
    await content_client.put(waiting["files"][0], picture)
    link = {"url": files.base_url + "/page", "title": "T", "description": "D", "imageUrl": url}
    assert (await content_client.create(text="Look", link=link)).status_code == 201
    assert (await client.delete(f"/v1/content/{deleted}?erase=true")).status_code == 200

    async def found() -> set[str]:
        verdict = Verdict()
        await pool.execute("UPDATE media_sweep SET due_at = '-infinity'")
        check_media(verdict, {deleted: True}, await read_media(pool, store))
        return set(verdict.violations)

    assert await found() == set()
    await store.put_bytes(
        f"originals/{content_client.stored()[0].split('/')[1]}/{uuid4()}/{uuid4()}", b"x", "image/jpeg"
    )
    assert await found() == set()
    mistakes = {
        "UPDATE content_containers SET caption = 'Hello' WHERE erased_at IS NOT NULL": "erased content with texts",
        "UPDATE media_usage SET size_bytes = size_bytes + 1": "counters that differ from the sum of the rows",
        "UPDATE media_assets SET thumbnail_key = 'previews/x' WHERE removed_at IS NULL": "objects that are missing in the store",
    }
    for mistake in mistakes:
        await pool.execute(mistake)
    assert await found() == set(mistakes.values())
    key = await pool.fetchval("SELECT object_key FROM media_assets WHERE container_id = $1", bare(deleted))
    await store.put_bytes("originals/not-an-orphan", b"x", "image/jpeg")
    await store.put_bytes("renditions/not-an-orphan", b"x", "image/jpeg")
    await pool.execute("UPDATE media_assets SET removed_at = now() WHERE container_id = $1", bare(kept))
    await pool.execute("UPDATE media_assets SET object_key = 'renditions/not-an-orphan' WHERE object_key = $1", key)
    assert await found() >= {"objects that no row names", "objects of deleted content in the store"}


async def test_an_upload_that_is_killed_leaves_nothing(
    content_client: Any, files: Any, picture: bytes, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process dies after it stored the files and before its transaction: the sweep removes them."""
    store, url = content_client.api.context.part(MediaStore), files.put("a.jpg", picture)

    async def die(_: str) -> None:
        raise Unavailable("killed")

    with monkeypatch.context() as patched:
        patched.setattr("presswork.content.upload.insert_container", None)  # the transaction fails
        patched.setattr(store, "delete", die)  # and nothing is cleaned up
        await content_client.upload(url)
    assert len(content_client.stored()) == 2
    age(folder_of(content_client), OLD, clock.now())
    await sweep_all(content_client, clock.now())
    assert content_client.stored() == []


async def test_the_sweep_and_uploads_at_the_same_time(
    content_client: Any, files: Any, picture: bytes, clock: Any
) -> None:
    """While content comes in and is deleted, sweeps that take everything for old enough by the clock remove nothing that a row names."""
    context, url = content_client.api.context, files.put("a.jpg", picture)
    store = context.part(MediaStore)
    is_over = False

    async def sweep() -> None:
        while not is_over:
            await context.pool.execute("UPDATE media_sweep SET due_at = '-infinity'")
            await sweep_orphans(context.pool, store, clock.now(), limit=5)

    async def work() -> Sequence[str]:
        kept = []
        for number in range(6):
            container = (await content_client.upload(url)).json()["id"]
            if number % 2:
                await content_client.client.delete(f"/v1/content/{container}")
            else:
                kept.append(container)
        return kept

    sweeps = [asyncio.create_task(sweep()) for _ in range(2)]
    kept = [container for part in await asyncio.gather(work(), work()) for container in part]
    is_over = True
    await asyncio.gather(*sweeps)
    anonymous = await content_client.api.anonymous()
    for container in kept:
        (item,) = (await content_client.client.get(f"/v1/content/{container}")).json()["media"]
        assert (await anonymous.get(item["url"])).content == picture
    assert len(content_client.originals()) == len(kept)


async def test_pages_of_a_folder_and_of_a_bucket_have_every_object_once(tmp_path: Path) -> None:
    """Whatever the length of a page, and also if the last object of one is gone before the next."""
    keys = [f"a/{name}" for name in "bac"] + ["a-b/x", "a/d/e", "a/d/f", "b", "c/d/e/f"]
    for store in (MediaStore.open(tmp_path / "media"), MediaStore(MemoryStore())):
        for limit in (1, 2, 3, 100):
            for key in keys:
                await store.put_bytes(key, b"12", "image/jpeg")
            found, after = [], ""
            while page := await store.list_page(after=after, limit=limit):
                found += [one.key for one in page]
                assert all(one.size_bytes == 2 for one in page)
                after = page[-1].key
                await store.delete(after)
            assert sorted(found) == sorted(keys), (store, limit)


async def _post(content_client: Any, container: str, status: str, ended_at: datetime) -> UUID:
    """Insert a post of content."""
    pool = content_client.api.context.pool
    account = await insert_account(pool, content_client.project_id, "instagram", INSTAGRAM_SCOPES)
    answer = await content_client.client.post(
        f"/v1/content/{container}/publish", json={"targets": [{"socialAccountId": account, "mode": "publish"}]}
    )
    assert answer.status_code == 200, answer.text
    post = bare(answer.json()["scheduledPostIds"][0])
    await pool.execute("UPDATE scheduled_posts SET status = $2, updated_at = $3 WHERE id = $1", post, status, ended_at)
    return post


async def test_media_go_some_time_after_the_last_post(
    content_client: Any, files: Any, picture: bytes, clock: Any
) -> None:
    """Of content whose posts all ended long ago: originals go, previews stay, and it says so. Everything else keeps its media."""
    context, pool = content_client.api.context, content_client.api.context.pool
    url = files.put("a.jpg", picture)
    names = ("over", "never_posted", "queued", "recent", "commented", "pending", "mixed")
    ids = {name: (await content_client.upload(url)).json()["id"] for name in names}
    long_ago = clock.now()
    clock.advance(KEEP + timedelta(days=1))
    await pool.execute("UPDATE content_containers SET created_at = $1", long_ago - timedelta(days=1))
    await _post(content_client, ids["over"], "published", long_ago)
    await _post(content_client, ids["queued"], "queued", long_ago)
    await _post(content_client, ids["recent"], "published", clock.now())
    await _post(content_client, ids["mixed"], "published", long_ago)
    await _post(content_client, ids["mixed"], "queued", long_ago)
    await _post(content_client, ids["pending"], "canceled", long_ago)
    await pool.execute("UPDATE content_containers SET approval_status = 'pending' WHERE id = $1", bare(ids["pending"]))
    post = await _post(content_client, ids["commented"], "published", long_ago)
    await pool.execute(
        """INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, needs_extras, run_at, gives_up_at, attempts)
           VALUES ($1, false, true, false, now(), now(), 0)""",
        post,
    )
    organization = UUID(content_client.originals()[0].split("/")[1])
    before = await count_media_bytes(pool, organization)
    retention = MediaRetention(pool, context.part(MediaStore))
    for _ in range(4):
        await retention.run(keep=KEEP, now=clock.now(), limit=3)
    shown = {
        name: (await content_client.client.get(f"/v1/content/{container}")).json() for name, container in ids.items()
    }
    assert [name for name, one in shown.items() if one["mediaRemovedAt"] is not None] == ["over"]
    (item,) = shown["over"]["media"]
    assert (item["url"], shown["over"]["status"], shown["over"]["deletedAt"]) == (None, "completed", None)
    assert (await (await content_client.api.anonymous()).get(item["thumbnailUrl"])).status_code == 200
    assert len(content_client.originals()) == len(names) - 1
    assert before - await count_media_bytes(pool, organization) == len(picture)
    account = await insert_account(pool, content_client.project_id, "tiktok", ["user.info.basic", "video.publish"])
    body = {"targets": [{"socialAccountId": account, "mode": "publish"}]}
    refused = await content_client.client.post(f"/v1/content/{ids['over']}/publish", json=body)
    assert (refused.status_code, refused.json()["error"]["details"]["reason"]) == (409, "media_removed")


async def test_retention_and_publish_calls_exclude_each_other(
    content_client: Any, files: Any, picture: bytes, clock: Any
) -> None:
    """At the same time, over and over: the media go and the call is refused, or the post is queued and the media stay."""
    context, pool = content_client.api.context, content_client.api.context.pool
    url, long_ago = files.put("a.jpg", picture), clock.now()
    clock.advance(KEEP + timedelta(days=1))
    account = await insert_account(pool, content_client.project_id, "tiktok", ["user.info.basic", "video.publish"])
    body = {"targets": [{"socialAccountId": account, "mode": "publish"}]}
    for number in range(12):
        container = (await content_client.upload(url)).json()["id"]
        await pool.execute(
            "UPDATE content_containers SET created_at = $2 WHERE id = $1", bare(container), long_ago - timedelta(days=1)
        )
        first = await content_client.client.post(f"/v1/content/{container}/publish", json=body)
        post = bare(first.json()["scheduledPostIds"][0])
        await pool.execute(
            "UPDATE scheduled_posts SET status = 'canceled', updated_at = $2 WHERE id = $1", post, long_ago
        )
        published, _ = await asyncio.gather(
            content_client.client.post(f"/v1/content/{container}/publish", json=body),
            MediaRetention(pool, context.part(MediaStore)).run(keep=KEEP, now=clock.now(), limit=100),
        )
        shown = (await content_client.client.get(f"/v1/content/{container}")).json()
        is_kept = shown["mediaRemovedAt"] is None
        assert (published.status_code, is_kept) in ((200, True), (409, False)), number
        (item,) = shown["media"]
        assert (item["url"] is not None) is is_kept
        assert any(container.removeprefix("cnt_") in key for key in content_client.originals()) is is_kept
