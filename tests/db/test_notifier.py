"""The notifier: hints after commits, few of them, and none too few."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from tests.conftest import Stage, work_hints

from presswork.core.timestamps import write_instant
from presswork.db.listener import DUE
from presswork.db.notifier import WorkNotifier
from presswork.db.pool import pool_of


async def test_rings_become_one_hint_and_the_last_one_is_never_lost(dsn: str) -> None:
    """A hundred rings at once are one hint; a ring that comes while a hint is under way gets one of its own."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(dsn)
    try:
        await listener.add_listener(DUE, lambda *told: heard.put_nowait(str(told[3])))
        async with asyncio.timeout(20), pool_of(dsn) as pool:
            notifier = WorkNotifier(pool)
            for _ in range(100):
                notifier.notify()
            await asyncio.sleep(0)  # the hint is under way
            notifier.notify()
            await notifier.aclose()
            await heard.get()
            await heard.get()
            await listener.fetchval("SELECT 1")  # what was sent by now has arrived
            assert heard.empty()
    finally:
        await listener.close()


async def test_a_hint_leaves_its_connection_as_it_was(dsn: str) -> None:
    """A hint does not wait for the disk; the next statement of its connection does."""
    async with pool_of(dsn, min_size=1, max_size=1) as pool:
        notifier = WorkNotifier(pool)
        notifier.notify()
        await notifier.aclose()
        assert await pool.fetchval("SHOW synchronous_commit") == "on"


async def test_each_commit_that_queues_work_wakes_the_workers(stage: Stage, dsn: str, picture: bytes) -> None:
    """A login, a scheduled post, a canceled one and a returned account each send a hint; what queues nothing sends none."""
    browser = await stage.api.anonymous()
    async with work_hints(dsn) as hints:
        project = await stage.project()
        assert (await browser.get("/oauth/callback/tiktok?state=none&code=any")).status_code >= 400
        container = await stage.content(project, picture)
        assert await hints.none()  # a project, a login that nobody began, and content are no work
        account = await stage.account(project, "instagram", "brand")
        await hints.next()
        body = {
            "scheduledFor": write_instant(stage.api.context.clock.now() + timedelta(days=1)),
            "targets": [{"socialAccountId": account, "mode": "publish"}],
        }
        assert (await stage.client.post(f"/v1/content/{container}/schedule", json=body)).status_code == 200
        await hints.next()
        await stage.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
        await hints.next()
        await stage.client.delete(f"/v1/social-accounts/{account}")
        await hints.next()


async def test_a_connection_that_the_server_ended_is_released(dsn: str, server_dsn: str) -> None:
    """It ends while it is in use: the caller gets the driver's error, and the next caller another connection."""
    async with pool_of(dsn, min_size=1, max_size=1) as pool, WorkNotifier.on(pool):
        admin = await asyncpg.connect(server_dsn)
        try:
            async with pool.acquire() as connection:
                ended = asyncio.Event()
                connection.add_termination_listener(lambda _: ended.set())
                await admin.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
                await asyncio.wait_for(ended.wait(), 20)
                with pytest.raises(asyncpg.InterfaceError):
                    await connection.execute("SELECT 1")
        finally:
            await admin.close()
        assert await pool.fetchval("SELECT 1") == 1
