"""With a real PgBouncer in transaction mode: prepared statements, migrations, posts and notifications."""

import asyncio
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from tests.api_server import serving
from tests.clocks import MovableClock
from tests.db.bouncer import bouncing
from tests.tiers import exhaustive
from tests.world import World

from presswork.db.listener import Listener
from presswork.db.migrate import migrate, pending
from presswork.db.one_connection import connected
from presswork.db.pool import Pool, pool_of
from presswork.platforms.settings import Settings
from presswork.worker.main import open_worker

_WHO = "SELECT pg_backend_pid()"


async def _backends(pool: Pool) -> set[int]:
    """Run the same statements in eight sessions, in transactions, and return the server process ids."""

    async def ask(number: int) -> int:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetchval("SELECT $1::int + 1", number)
            return int(await connection.fetchval(_WHO))

    return set(await asyncio.gather(*(ask(number) for number in range(8))))


@pytest.mark.exhaustive
@pytest.mark.parametrize("keeps", [200, *exhaustive([0])])
async def test_sessions_can_share_server_connections(tmp_path: Path, dsn: str, keeps: int) -> None:
    """Eight sessions on two server connections repeat statements, with and without prepared statement tracking."""
    async with (
        bouncing(tmp_path, dsn, keeps=keeps) as pooled,
        pool_of(pooled, min_size=8, max_size=8) as one,
        pool_of(pooled, min_size=2) as other,
    ):
        async with other.acquire() as first, other.acquire() as second:
            holds_one, holds_other = first.transaction(), second.transaction()
            await holds_one.start()
            one_server = await first.fetchval(_WHO)
            met = [await _backends(one)]
            await holds_other.start()
            other_server = await second.fetchval(_WHO)
            await holds_one.rollback()
            met.append(await _backends(one))
            await holds_other.rollback()
        assert met == [{other_server}, {one_server}], "each session must use both server connections"
        for _ in range(20):
            await asyncio.gather(*(one.fetchval("SELECT $1::text", str(n)) for n in range(8)))
        kept = await one.fetchval("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'PGBOUNCER%'")
        assert bool(kept) is (keeps > 0)


@pytest.mark.parametrize("keeps", [0, *exhaustive([200])])
async def test_posts_are_accepted_and_go_live_through_a_pooler(
    tmp_path: Path, settings: Settings, bare_dsn: str, clock: MovableClock, picture: bytes, keeps: int
) -> None:
    """Through the pooler, a database is migrated, an account connected, and a post published and replayed."""
    async with bouncing(tmp_path, bare_dsn, keeps=keeps, connections=4) as pooled:
        async with connected(pooled) as connection:
            await migrate(connection)
            assert not await pending(connection)
        direct = settings.model_copy(update={"database_listen_url": SecretStr(bare_dsn)})
        async with serving(direct, dsn=pooled, clock=clock) as api:
            world = World(api=api, client=await api.client())
            project = await world.project()
            accounts = [await world.account(project, "instagram", f"bakery{n}") for n in range(3)]
            content = await world.content(project, picture)
            posts = await world.publish(content, *accounts)
            async with open_worker(direct, dsn=pooled, base_url=api.base_url, clock=clock) as worker:
                await worker.work_until_idle()
            assert [(await world.post(post))["status"] for post in posts] == ["published"] * 3
            assert len(await world.live(platform="instagram")) == 3


async def test_listening_through_the_pooler_logs_a_warning(tmp_path: Path, dsn: str) -> None:
    """A listener on the pooler logs a warning with the setting to change; one on the server gets all notifications."""
    async with bouncing(tmp_path, dsn, keeps=200) as pooled, pool_of(pooled) as pool:
        for place, is_warned in ((pooled, True), (dsn, False)):
            heard: asyncio.Queue[str] = asyncio.Queue()
            ready = asyncio.Event()
            with capture_logs() as logs:
                listening = asyncio.create_task(Listener(place, "news", heard.put_nowait, on_connected=ready.set).run())
                await ready.wait()
                if not is_warned:
                    await pool.execute("SELECT pg_notify('news', 'hello')")
                    assert await asyncio.wait_for(heard.get(), timedelta(seconds=60).total_seconds()) == "hello"
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            assert any("PRESSWORK_DATABASE_LISTEN_URL" in line["event"] for line in logs) is is_warned


async def test_without_a_pooler_statements_stay_prepared(dsn: str) -> None:
    """Without a pooler a statement stays prepared and is not prepared again."""
    async with pool_of(dsn, min_size=1, max_size=1) as pool:
        for _ in range(3):
            await pool.fetchval("SELECT 'kept' || $1::text", "?")
        names = await pool.fetch("SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT ''kept''%'")
        assert len(names) == 1
    with pytest.raises(asyncpg.InterfaceError, match="closed"):
        await pool.fetchval("SELECT 1")
