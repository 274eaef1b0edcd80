"""Worker processes of two versions on one database: the newer one does what the older one does not know, and nothing is doubled."""

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from tests.api_server import serving
from tests.worker.test_clock_off import ended
from tests.world import World

from presswork.core.clock import SystemClock
from presswork.platforms.settings import Settings

POSTS: Final = 3
_UNSEEN: Final = (
    "SELECT count(*) FROM scheduled_posts WHERE mode = 'draft' AND (status = 'queued' OR leased_by IS NOT NULL)"
)


@contextlib.asynccontextmanager
async def working(module: str, *arguments: str) -> AsyncIterator[None]:
    """Run a worker process for the length of a block; it is stopped in order."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()
            await process.wait()


async def claims_of(world: World, post: str) -> list[str]:
    """Return which workers claimed a post, in order."""
    return [line["detail"]["worker"] for line in await world.timeline(post) if line["event"] == "claimed"]


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_workers_of_two_versions(settings: Settings, dsn: str, picture: bytes, video: bytes) -> None:
    """The older worker runs alone, then both. Drafts wait for the newer one; the others are published by either, once."""
    async with serving(settings, dsn=dsn, clock=SystemClock()) as api, contextlib.AsyncExitStack() as stack:
        world = World(api=api, client=await api.client())
        project = await world.project()
        container, clip = await world.content(project, picture), await world.content(project, video)
        brands = [await world.account(project, "instagram", f"brand{number}") for number in range(2 * POSTS)]
        shops = [await world.account(project, "tiktok", f"shop{number}") for number in range(2 * POSTS)]
        where = (dsn, api.base_url, str(settings.data_dir))

        async def publish(part: slice) -> tuple[list[str], list[str]]:
            drafts = await world.publish(clip, *shops[part], mode="draft")
            return list(drafts), list(await world.publish(container, *brands[part]))

        await stack.enter_async_context(working("tests.worker.older_worker", *where))
        drafts, posts = await publish(slice(POSTS))
        assert [post["status"] for post in await ended(world, posts)] == ["published"] * POSTS
        while await api.context.pool.fetchval(_UNSEEN):
            pass  # until the older worker has claimed each of them, and works on none
        statuses = await api.context.pool.fetch("SELECT status FROM scheduled_posts WHERE mode = 'draft'")
        assert [row["status"] for row in statuses] == ["publishing"] * POSTS
        (older,) = {worker for post in (*drafts, *posts) for worker in await claims_of(world, post)}
        await stack.enter_async_context(working("tests.worker.skewed_worker", *where, "0"))
        for mine, more in zip((drafts, posts), await publish(slice(POSTS, None)), strict=True):
            mine.extend(more)
        results = await ended(world, [*drafts, *posts])
        assert Counter(post["status"] for post in results) == {"draft": 2 * POSTS, "published": 2 * POSTS}
        for draft in drafts:
            claims = await claims_of(world, draft)
            assert claims[-1] != older
            assert claims.count(older) <= 1  # it does not claim again what it has left
        assert await calls(world, [*drafts, *posts]) == {1}
        assert (len(await world.live()), len(await world.drafts())) == (2 * POSTS, 2 * POSTS)


async def calls(world: World, posts: list[str]) -> set[int]:
    """Return how often the platforms were asked to make the posts live."""
    timelines: list[list[dict[str, Any]]] = [list(await world.timeline(post)) for post in posts]
    return {sum(line["message"].startswith("Asking the platform") for line in timeline) for timeline in timelines}
