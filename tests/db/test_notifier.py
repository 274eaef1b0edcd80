"""The notifier: hints after commits, few of them, and none too few."""

import asyncio

import asyncpg
from tests.conftest import Stage

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


async def test_what_may_have_to_be_told_rings(stage: Stage, dsn: str) -> None:
    """Connecting an account, giving it back, and archiving a project wake the worker, which tells the webhooks of it."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(dsn)

    async def rung() -> None:
        async with asyncio.timeout(20):
            await heard.get()

    try:
        await listener.add_listener(DUE, lambda *told: heard.put_nowait(str(told[3])))
        project = await stage.project()
        browser = await stage.api.anonymous()
        assert (await browser.get("/oauth/callback/tiktok?state=none&code=any")).status_code >= 400
        await listener.fetchval("SELECT 1")
        assert heard.empty()  # a login that nobody began wakes nobody
        account = await stage.account(project, "instagram", "brand")
        await rung()
        await stage.client.delete(f"/v1/social-accounts/{account}")
        await rung()
        await stage.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
        await rung()
    finally:
        await listener.close()
