"""The notifier sends notifications after commits, debounced, and loses none."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from tests.work_hints import work_hints
from tests.world import World

from presswork.core.timestamps import write_instant
from presswork.db.listener import DUE
from presswork.db.notifier import WorkNotifier
from presswork.db.pool import pool_of


async def test_notifications_are_combined_and_the_last_is_not_lost(dsn: str) -> None:
    """A hundred calls at once send one notification; a call during its sending causes another."""
    received: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(dsn)
    try:
        await listener.add_listener(DUE, lambda *arguments: received.put_nowait(str(arguments[3])))
        async with asyncio.timeout(60), pool_of(dsn) as pool:
            notifier = WorkNotifier(pool)
            for _ in range(100):
                notifier.notify()
            await asyncio.sleep(0)  # the notification is being sent
            notifier.notify()
            await notifier.aclose()
            await received.get()
            await received.get()
            await listener.fetchval("SELECT 1")  # all sent notifications have arrived
            assert received.empty()
    finally:
        await listener.close()


async def test_notification_does_not_change_its_session(dsn: str) -> None:
    """A notification does not wait for the disk; the next statement of the connection does."""
    async with pool_of(dsn, min_size=1, max_size=1) as pool:
        notifier = WorkNotifier(pool)
        notifier.notify()
        await notifier.aclose()
        assert await pool.fetchval("SHOW synchronous_commit") == "on"


async def test_each_commit_that_queues_work_wakes_the_workers(world: World, dsn: str, picture: bytes) -> None:
    """Completed content, a login, a scheduled post, a cancel and a disconnect each send a notification; other requests send none."""
    browser = await world.api.anonymous()
    async with work_hints(dsn) as hints:
        project = await world.project()
        assert (await browser.get("/oauth/callback/tiktok?state=none&code=any")).status_code >= 400
        assert await hints.none()  # projects and unknown logins queue no work
        container = await world.content(project, picture)
        await hints.next()  # completed content may queue the delivery of an event
        account = await world.account(project, "instagram", "brand")
        await hints.next()
        body = {
            "scheduledFor": write_instant(world.api.context.clock.now() + timedelta(days=1)),
            "targets": [{"socialAccountId": account, "mode": "publish"}],
        }
        assert (await world.client.post(f"/v1/content/{container}/schedule", json=body)).status_code == 200
        await hints.next()
        await world.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
        await hints.next()
        await world.client.delete(f"/v1/social-accounts/{account}")
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
                await asyncio.wait_for(ended.wait(), 60)
                with pytest.raises(asyncpg.InterfaceError):
                    await connection.execute("SELECT 1")
        finally:
            await admin.close()
        assert await pool.fetchval("SELECT 1") == 1
