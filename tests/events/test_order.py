"""No event is missed or doubled: whatever the order of commits, the number of processes, and the state of the database."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from tests.api_server import beside, serving
from tests.clocks import MovableClock
from tests.databases import as_owner
from tests.events.conftest import reading
from tests.events.test_stream import publish
from tests.posts.conftest import ReadyProject

from presswork.core.ids import EVENT, new_id, public_ulid
from presswork.db.pool import Pool
from presswork.events.model import EventType
from presswork.events.store import EventStore, Tenant, insert_event
from presswork.platforms.settings import Settings


async def tenant_of(pool: Pool) -> Tenant:
    """Return the only tenant with a stream."""
    row = await pool.fetchrow("SELECT organization_id, environment FROM event_listeners WHERE is_stream")
    assert row is not None
    return row["organization_id"], row["environment"]


async def write(connection: "asyncpg.Connection[asyncpg.Record]", tenant: Tenant) -> str:
    """Write an event in the connection's transaction, and return its id."""
    event_id = new_id()
    await insert_event(
        connection,
        tenant,
        project_id=None,
        event_id=event_id,
        event_type="test.ping",
        occurred_at=datetime.now(UTC),
        data="{}",
    )
    return public_ulid(EVENT, event_id)


async def test_an_event_that_commits_late_is_not_skipped(ready_project: ReadyProject, dsn: str) -> None:
    """The first writer commits last. Its event comes last, and also to a client that resumes after the other one."""
    first, second = [await asyncpg.connect(dsn) for _ in range(2)]
    try:
        async with reading(ready_project.client) as stream:
            tenant = await tenant_of(ready_project.pool)
            early, late = first.transaction(), second.transaction()
            await early.start()
            await late.start()
            slow = await write(first, tenant)
            fast = await write(second, tenant)
            await late.commit()
            assert (await stream.event()).id == fast
            async with reading(ready_project.client, after=fast) as resumed:
                third = await publish(ready_project)
                assert (await stream.event()).body["data"]["id"] == third
                await early.commit()
                assert (await stream.event()).id == slow
                assert [event.id for event in await resumed.events(2)][-1] == slow
        async with reading(ready_project.client, after=fast) as again:
            assert [event.type for event in await again.events(2)] == ["post.scheduled", "test.ping"]
    finally:
        await first.close()
        await second.close()


async def test_a_number_never_appears_below_one_that_was_read(ready_project: ReadyProject, dsn: str) -> None:
    """Ten writers commit in random order while three processes number: readers by number see every event once, in one order."""
    async with reading(ready_project.client) as stream:
        tenant = await tenant_of(ready_project.pool)
        start, _ = await EventStore(ready_project.pool).last_event(tenant, now=datetime.now(UTC))
        chance = random.Random(17)  # noqa: S311  no secret
        written: list[str] = []
        is_over = asyncio.Event()

        async def writer() -> None:
            connection = await asyncpg.connect(dsn)
            try:
                for _ in range(20):
                    found: list[str] = []
                    async with connection.transaction():
                        for _ in range(chance.randint(1, 3)):
                            found.append(await write(connection, tenant))
                            for _ in range(chance.randint(0, 5)):
                                await connection.fetchval("SELECT 1")
                    written.extend(found)
            finally:
                await connection.close()

        async def numberer() -> None:
            store = EventStore(ready_project.pool)
            while not is_over.is_set():
                await store.number(limit=chance.randint(1, 7), now=None)

        async def follower() -> Sequence[str]:
            store, seen, last = EventStore(ready_project.pool), list[str](), start
            while True:
                is_last = is_over.is_set()
                events = await store.replay(tenant, after=last, limit=5)
                seen += [event.block.decode().split("\n")[0].removeprefix("id: ") for event in events]
                last = events[-1].number if events else last
                if is_last and not events:
                    return seen

        async with asyncio.TaskGroup() as group:
            numberers = [group.create_task(numberer()) for _ in range(3)]
            followers = [group.create_task(follower()) for _ in range(3)]
            await asyncio.gather(*(group.create_task(writer()) for _ in range(10)))
            await EventStore(ready_project.pool).number_all(now=None)
            is_over.set()
        assert numberers
        first, *others = [task.result() for task in followers]
        assert sorted(first) == sorted(written)
        assert all(other == first for other in others)
        assert [event.id for event in await stream.events(len(written))] == first


async def test_all_processes_send_the_same_events_in_the_same_order(
    ready_project: ReadyProject, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path
) -> None:
    """A client may resume at any process: with that of another one, nothing is missed or doubled."""
    key = {"authorization": ready_project.client.headers["authorization"]}
    async with serving(beside(settings, tmp_path / "other"), dsn=dsn, clock=clock) as other:
        there = await other.anonymous(headers=key)
        async with reading(ready_project.client) as here, reading(there) as elsewhere:
            await asyncio.gather(*(publish(ready_project) for _ in range(30)))
            first, second = await here.events(30), await elsewhere.events(30)
            assert [event.id for event in first] == [event.id for event in second]
        async with reading(there, after=first[9].id) as resumed:
            assert [event.id for event in await resumed.events(20)] == [event.id for event in first[10:]]


async def publish_surely(ready_project: ReadyProject) -> str:
    """Queue a post, and repeat the call while the database is unavailable."""
    target = {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    key = str(new_id())
    while True:
        response = await ready_project.publish(ready_project.image, target, key=key)
        if response.status_code != 503:
            assert response.status_code == 200, response.text
            return str(response.json()["scheduledPostIds"][0])


async def test_a_lost_database_connection_loses_and_doubles_nothing(ready_project: ReadyProject) -> None:
    """All connections are cut again and again while posts are queued; the stream stays open."""
    pool = ready_project.pool
    async with reading(ready_project.client) as stream:
        posts: list[str] = []
        for _ in range(5):
            posts += [await publish_surely(ready_project) for _ in range(3)]
            await as_owner(
                pool,
                """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()""",
            )
        posts.append(await publish_surely(ready_project))
        assert [event.body["data"]["id"] for event in await stream.events(16)] == posts


async def test_a_server_without_the_last_events_ends_the_streams(ready_project: ReadyProject) -> None:
    """After a failover that lost commits, a client resumes, and learns if its event is gone. Numbers may be used again."""
    async with reading(ready_project.client) as stream:
        posts = [await publish(ready_project) for _ in range(3)]
        first, _, third = await stream.events(3)
        kept = int(await ready_project.pool.fetchval("SELECT max(number) FROM stream_events")) - 2
        await as_owner(
            ready_project.pool,
            f"DELETE FROM stream_events WHERE number > {kept}",  # noqa: S608  a number
            f"ALTER TABLE stream_events ALTER COLUMN number RESTART WITH {kept + 1}",
        )
        posts.append(await publish(ready_project))
        assert await stream.until_end() == []
    async with reading(ready_project.client, after=first.id) as stream:
        assert (await stream.event()).body["data"]["id"] == posts[3]
    async with reading(ready_project.client, after=third.id) as stream:
        assert (await stream.event()).type == "stream.reset"


async def test_an_event_that_can_not_be_read_ends_the_streams(ready_project: ReadyProject) -> None:
    """No stream leaves out what was written beside such an event: each ends, and its client resumes."""
    pool = ready_project.pool
    async with reading(ready_project.client) as stream:
        await publish(ready_project)
        last = await stream.event()
        tenant = await tenant_of(pool)
        async with pool.acquire() as connection:
            await insert_event(
                connection,
                tenant,
                project_id=None,
                event_id=new_id(),
                event_type=EventType.CONTENT_PENDING.value,
                occurred_at=datetime.now(UTC),
                data='not JSON, with "rvl_',
            )
        assert await stream.until_end() == []
    await as_owner(pool, "DELETE FROM stream_events WHERE data LIKE 'not JSON%'")
    post = await publish(ready_project)
    async with reading(ready_project.client, after=last.id) as stream:
        assert (await stream.event()).body["data"]["id"] == post
