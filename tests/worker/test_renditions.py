"""Renditions: one conversion per asset and recipe, however many posts and workers wait for it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from tests.api_server import Api
from tests.posts.conftest import insert_container
from tests.world import World

from presswork.core.errors import MediaUnsupported, Unavailable
from presswork.db.pool import Pool
from presswork.media.links import MediaLinks
from presswork.media.model import Probe
from presswork.media.orphan_sweep import ORPHANS_KEPT, sweep_orphans
from presswork.media.pool import MAX_COPY_BYTES, MediaPool
from presswork.media.probe import probe
from presswork.media.rendition_leases import RenditionLeases
from presswork.media.samples import sample_picture, sample_video
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.media.store import MediaStore, StoredFile, StoredObject
from presswork.media.temp_space import TempSpace
from presswork.worker.post_row import Asset
from presswork.worker.renditions import Rendition, Renditions

TARGETS = 50


class CountingStore(MediaStore):
    """A real store that counts downloads into files."""

    downloads = 0
    disk: Path | None = None
    """Where downloads go instead."""

    async def get_to_file(self, key: str, path: Path) -> StoredObject:
        type(self).downloads += 1
        if self.disk is not None:
            await asyncio.to_thread(self.disk.write_bytes, b"x")
        return await super().get_to_file(key, path)


class CountingPool(MediaPool):
    """A real pool that counts conversions, and begins none before `may_go_on`."""

    conversions = 0
    started: ClassVar[asyncio.Event]
    may_go_on: ClassVar[asyncio.Event]

    async def convert_image(
        self, source: Path, target: Path, spec: ImageSpec, *, max_bytes: int = MAX_COPY_BYTES
    ) -> Probe:
        type(self).conversions += 1
        self.started.set()
        await self.may_go_on.wait()
        return await super().convert_image(source, target, spec, max_bytes=max_bytes)

    async def convert_video(
        self, source: Path | StoredFile, target: Path, spec: VideoSpec, *, max_bytes: int = MAX_COPY_BYTES
    ) -> Probe:
        type(self).conversions += 1
        self.started.set()
        await self.may_go_on.wait()
        return await super().convert_video(source, target, spec, max_bytes=max_bytes)


@dataclass(frozen=True, kw_only=True)
class Workers:
    """Two workers on one database and one media store, and a video that has to be converted."""

    first: Renditions
    second: Renditions
    asset: Asset
    folder: str
    """The first part of the keys of originals: an organization and its content."""
    store: CountingStore
    pool: Pool
    media_pool: MediaPool
    links: MediaLinks

    def renditions(self, **more: Any) -> Renditions:
        """Return a further worker's."""
        return Renditions(
            pool=self.pool,
            store=self.store,
            media_pool=self.media_pool,
            links=self.links,
            url_lifetime=timedelta(hours=1),
            **more,
        )


@pytest.fixture
async def workers(api: Api, world: World, tmp_path: Path) -> AsyncIterator[Workers]:
    """Open the workers; counters start at zero."""
    CountingStore.downloads = CountingPool.conversions = 0
    CountingPool.started, CountingPool.may_go_on = asyncio.Event(), asyncio.Event()
    CountingPool.may_go_on.set()
    store = CountingStore.open(tmp_path / "media")
    data = sample_video(timedelta(seconds=0.5), 96, 64, container="mov", is_moov_first=False, rotation=90)
    container = (await insert_container(api.context.pool, await world.project(), "video")).removeprefix("cnt_")
    organization = await api.context.pool.fetchval("SELECT organization_id FROM content_containers")
    folder = f"originals/{organization}/{container}"
    await store.put_bytes(f"{folder}/video", data, "video/quicktime")
    links = MediaLinks(api.base_url, api.context.keyring, timedelta(hours=1))
    async with CountingPool(1) as first, CountingPool(1) as second:
        made = [
            Renditions(
                pool=api.context.pool, store=store, media_pool=pool, links=links, url_lifetime=timedelta(hours=1)
            )
            for pool in (first, second)
        ]
        yield Workers(
            first=made[0],
            second=made[1],
            asset=Asset(asset_id=uuid4(), object_key=f"{folder}/video", probe=probe(data)),
            folder=folder,
            store=store,
            pool=api.context.pool,
            media_pool=first,
            links=links,
        )


async def test_many_targets_share_one_conversion(workers: Workers) -> None:
    """Fifty posts of one video that needs a copy cause one download and one conversion, not fifty."""
    made = await asyncio.gather(*(workers.first.of(workers.asset, VideoSpec()) for _ in range(TARGETS)))
    assert (CountingStore.downloads, CountingPool.conversions) == (1, 1)
    assert len({rendition.object_key for rendition in made}) == 1


async def test_workers_share_one_conversion(workers: Workers) -> None:
    """Fifty posts, spread over two workers, cause one download and one conversion."""
    renditions = (workers.first, workers.second)
    made = await asyncio.gather(*(renditions[n % 2].of(workers.asset, VideoSpec()) for n in range(TARGETS)))
    assert (CountingStore.downloads, CountingPool.conversions) == (1, 1)
    assert len({rendition.object_key for rendition in made}) == 1


async def test_a_refused_conversion_is_not_repeated(workers: Workers) -> None:
    """A video that can't be converted is tried once: every post, on either worker, gets the same reason."""
    broken = sample_video(timedelta(seconds=0.5), 96, 64)[:400]
    await workers.store.put_bytes(workers.asset.object_key, broken, "video/quicktime")
    waiting = [workers.first, workers.second] * (TARGETS // 2)
    results: list[object] = [
        *await asyncio.gather(*(one.of(workers.asset, VideoSpec()) for one in waiting), return_exceptions=True),
        *await asyncio.gather(workers.second.of(workers.asset, VideoSpec()), return_exceptions=True),
    ]
    assert CountingPool.conversions == 1
    assert len({str(result) for result in results}) == 1
    assert isinstance(results[0], MediaUnsupported)


async def test_a_crashed_worker_is_taken_over(workers: Workers) -> None:
    """A worker died in the middle of a conversion: the others wait for its lease to lapse, then one converts."""
    key = (await workers.first.of(workers.asset, VideoSpec())).object_key
    await workers.store.delete(key)
    assert await RenditionLeases(workers.pool).claim(key, uuid4())
    waits = 0

    async def lapse(_duration: timedelta) -> None:
        nonlocal waits
        waits += 1
        if waits == 3:
            await workers.pool.execute("UPDATE rendition_leases SET leased_until = now() - interval '1 millisecond'")

    await workers.renditions(pause=lapse).of(workers.asset, VideoSpec())
    assert (waits, CountingPool.conversions) == (3, 2)
    assert (await workers.store.head(key)).size_bytes > 0
    assert await workers.pool.fetchval("SELECT count(*) FROM rendition_leases") == 0


async def test_a_lease_is_measured_by_the_clock_of_the_database(workers: Workers) -> None:
    """A lease excludes others until it lapses; renewed, it excludes them for longer."""
    leases = RenditionLeases(workers.pool, lease=timedelta(seconds=60))
    start = datetime(2026, 11, 26, tzinfo=UTC)
    mine = uuid4()
    assert await leases.claim("renditions/a", mine, now=start)
    assert not await leases.claim("renditions/a", uuid4(), now=start + timedelta(seconds=59))
    assert await leases.claim("renditions/a", uuid4(), now=start + timedelta(seconds=61))
    await leases.release("renditions/a", mine, now=start + timedelta(seconds=62))  # no longer its own: nothing happens
    assert not await leases.claim("renditions/a", mine, now=start + timedelta(seconds=62))


async def test_a_canceled_post_leaves_the_conversion_to_the_others(workers: Workers) -> None:
    """The post that started a conversion is canceled: the posts that wait for it get the copy all the same."""
    CountingPool.may_go_on.clear()
    tasks = [asyncio.create_task(workers.first.of(workers.asset, VideoSpec())) for _ in range(3)]
    await CountingPool.started.wait()
    while sum(flight.callers for flight in workers.first._conversions._flights.values()) < len(tasks):
        await workers.pool.fetchval("SELECT true")  # the others are asking, too, whether there is a copy
    tasks[0].cancel()
    CountingPool.may_go_on.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError, Rendition, Rendition]
    assert CountingPool.conversions == 1


async def test_a_conversion_that_no_post_waits_for_ends(workers: Workers) -> None:
    """When the last post is canceled the conversion ends, and the next post starts another."""
    tasks = [asyncio.create_task(workers.first.of(workers.asset, VideoSpec())) for _ in range(3)]
    await CountingPool.started.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await workers.pool.execute("UPDATE rendition_leases SET leased_until = now() - interval '1 millisecond'")
    assert (await workers.first.of(workers.asset, VideoSpec())).is_new
    assert CountingPool.conversions == 2


async def test_temporary_files_are_bounded() -> None:
    """Room is handed out first come, first served, and never more than there is; what is too large waits for all of it."""
    space = TempSpace(100)
    held: list[int] = []
    order: list[int] = []
    max_held = 0

    async def use(size_bytes: int) -> None:
        nonlocal max_held
        async with space.reserve(size_bytes):
            order.append(size_bytes)
            held.append(min(size_bytes, 100))
            max_held = max(max_held, sum(held))
            await asyncio.sleep(0)
            held.remove(min(size_bytes, 100))

    await asyncio.gather(*(use(size) for size in (60, 30, 50, 500, 10, 20)))
    assert order == [60, 30, 50, 500, 10, 20]
    assert max_held == 100


async def test_a_full_disk_is_retried_and_explained(workers: Workers) -> None:
    """The disk for temporary files is full: the error says so, passes by itself, and is no refusal of the media."""

    workers.store.disk = Path("/dev/full")
    with pytest.raises(Unavailable, match=r"disk for temporary files .* is full"):
        await workers.first.of(workers.asset, VideoSpec())
    workers.store.disk = None
    assert (await workers.first.of(workers.asset, VideoSpec())).is_new


async def test_an_error_of_the_system_frees_the_lease(workers: Workers) -> None:
    """An error of the system is raised as it is, and the next post converts at once."""
    workers.store.disk = Path("/dev/null/file")
    with pytest.raises(NotADirectoryError):
        await workers.first.of(workers.asset, VideoSpec())
    assert await workers.pool.fetchval("SELECT count(*) FROM rendition_leases") == 0


async def test_a_canceled_conversion_frees_its_lease(workers: Workers) -> None:
    """A worker that stops in the middle of a conversion leaves it to others at once."""
    task = asyncio.create_task(workers.first.of(workers.asset, VideoSpec()))
    await CountingPool.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await workers.pool.fetchval("SELECT count(*) FROM rendition_leases") == 0


async def test_pictures_become_one_document(workers: Workers) -> None:
    """Posts of the same pictures share one PDF; the same pictures in another order are another one."""
    assets = []
    for name, (width, height) in (("a", (96, 64)), ("b", (64, 96))):
        data = sample_picture(width, height)
        key = f"{workers.folder}/{name}"
        await workers.store.put_bytes(key, data, "image/jpeg")
        assets.append(Asset(asset_id=uuid4(), object_key=key, probe=probe(data)))
    made = [await workers.first.of_pictures(assets), await workers.second.of_pictures(assets)]
    assert [(one.is_new, one.content_type) for one in made] == [(True, "application/pdf"), (False, "application/pdf")]
    assert made[0].object_key == made[1].object_key
    assert (await workers.first.of_pictures(assets[::-1])).object_key != made[0].object_key
    document = probe(await workers.store.get_bytes(made[0].object_key))
    assert (document.pages, document.width, document.height) == (2, 96, 64)


async def test_a_copy_counts_toward_the_quota(workers: Workers) -> None:
    """Once, with the size that it has in the store; one of an older version counts as soon as it is used again."""
    key = (await workers.first.of(workers.asset, VideoSpec())).object_key
    size_bytes = (await workers.store.head(key)).size_bytes
    counted = "SELECT coalesce(sum(size_bytes), 0) FROM media_usage"
    assert await workers.pool.fetchval(counted) == size_bytes
    await workers.pool.execute("DELETE FROM media_renditions")
    assert await workers.pool.fetchval(counted) == 0
    await workers.second.of(workers.asset, VideoSpec())
    assert (await workers.pool.fetchval(counted), CountingPool.conversions) == (size_bytes, 1)


async def test_media_that_was_removed_are_converted_no_more(workers: Workers) -> None:
    """A worker that is late by hours leaves no copy of deleted content, and says why."""
    await workers.pool.execute("UPDATE content_containers SET status = 'deleted', deleted_at = now()")
    with pytest.raises(MediaUnsupported, match="was removed"):
        await workers.first.of(workers.asset, VideoSpec())
    assert [one.key for one in await workers.store.list_page(after="", limit=10)] == [workers.asset.object_key]


async def test_the_sweep_leaves_a_copy_that_is_made_or_used(workers: Workers) -> None:
    """A copy without a row, as an older version left it, is adopted while its media exist; afterwards it goes, but not during a conversion."""
    asset_id, container = workers.asset.asset_id, UUID(workers.folder.rpartition("/")[2])
    await workers.pool.execute(
        """INSERT INTO media_assets (id, container_id, organization_id, environment, position, object_key, created_at)
           SELECT $1, id, organization_id, environment, 0, $3, now() FROM content_containers WHERE id = $2""",
        asset_id,
        container,
        workers.asset.object_key,
    )
    key = f"renditions/{asset_id}/0123456789abcdef.mp4"
    await workers.store.put_bytes(key, b"copy", "video/mp4")
    later = datetime.now(UTC) + ORPHANS_KEPT + timedelta(hours=1)

    async def sweep() -> bool:
        await workers.pool.execute("UPDATE media_sweep SET due_at = '-infinity'")
        await sweep_orphans(workers.pool, workers.store, later)
        return key in [one.key for one in await workers.store.list_page(after="", limit=10)]

    assert await sweep()
    assert await workers.pool.fetchval("SELECT size_bytes FROM media_renditions WHERE object_key = $1", key) == 4
    await workers.pool.execute("DELETE FROM media_renditions")
    await workers.pool.execute("UPDATE media_assets SET removed_at = now()")
    leases, holder = RenditionLeases(workers.pool), uuid4()
    assert await leases.claim(key, holder, now=later)
    assert await sweep()
    await leases.release(key, holder, now=later)
    assert not await sweep()
