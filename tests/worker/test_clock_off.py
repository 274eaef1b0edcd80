"""Worker processes whose wall clocks are five minutes off, in either direction: nothing is doubled, nothing is late."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from tests.api_server import serving
from tests.world import World

from presswork.core.clock import SystemClock
from presswork.core.timestamps import write_instant
from presswork.platforms.settings import Settings

OFFSETS: Final = (300, -300)
POSTS: Final = 6
LATE: Final = timedelta(seconds=60)
"""Much less than the clocks are off, and much more than a loaded machine takes."""


@contextlib.asynccontextmanager
async def skewed(dsn: str, base_url: str, settings: Settings, offset: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker process with a wrong clock for the length of a block; it is stopped in order."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.worker.skewed_worker", dsn, base_url, str(settings.data_dir), str(offset)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()
            await process.wait()


async def ended(world: World, posts: list[str]) -> list[dict[str, Any]]:
    """Return the posts once all of them are over."""
    while True:
        found = [await world.post(post) for post in posts]
        if all(post["status"] not in {"queued", "publishing"} for post in found):
            return found


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_workers_whose_clocks_are_five_minutes_off(settings: Settings, dsn: str, picture: bytes) -> None:
    """One is ahead, one behind, and they share posts: due ones, later ones, lost answers. Each is live once, and in time."""
    async with serving(settings, dsn=dsn, clock=SystemClock()) as api, contextlib.AsyncExitStack() as stack:
        world = World(api=api, client=await api.client())
        project = await world.project()
        container = await world.content(project, picture)
        accounts = [await world.account(project, "instagram", f"brand{number}") for number in range(2 * POSTS)]
        await world.fault(platform="instagram", operation="media_publish", fault="drop_before_effect", handle="brand0")
        await world.fault(platform="instagram", operation="media_publish", fault="drop_after_effect", handle="brand1")
        for offset in OFFSETS:
            await stack.enter_async_context(skewed(dsn, api.base_url, settings, offset))
        while await api.context.pool.fetchval("SELECT count(*) FROM workers") < len(OFFSETS):
            pass  # until both work
        due_at = datetime.now(UTC) + timedelta(seconds=10)
        body = {
            "scheduledFor": write_instant(due_at),
            "targets": [{"socialAccountId": account, "mode": "publish"} for account in accounts[POSTS:]],
        }
        answer = await world.client.post(f"/v1/content/{container}/schedule", json=body)
        assert answer.status_code in {200, 202}, answer.text
        later = list(answer.json()["scheduledPostIds"])
        began = datetime.now(UTC)
        posts = await ended(world, [*await world.publish(container, *accounts[:POSTS]), *later])
        assert [post["status"] for post in posts] == ["published"] * 2 * POSTS
        assert len(await world.live()) == 2 * POSTS
        read = "SELECT id, attempted_at, live_at FROM scheduled_posts"
        rows = {f"sp_{row['id']}": row for row in await api.context.pool.fetch(read)}
        for post in posts:
            row, due = rows[post["id"]], due_at if post["id"] in later else began
            assert due - timedelta(milliseconds=10) <= row["attempted_at"] <= row["live_at"], "too early"
            assert row["live_at"] - due < LATE, "too late"
            messages = [line["message"] for line in await world.timeline(post["id"]) if line["event"] == "claimed"]
            assert not [message for message in messages if "lapsed" in message]
