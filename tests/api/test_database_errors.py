"""Real deadlocks and serialization failures during requests: retried where safe, otherwise 503."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import asyncpg
import httpx2
import pytest
from tests.api.tenants import make_webhooks
from tests.api_server import Api, serving
from tests.clocks import MovableClock
from tests.databases import until_waiting
from tests.world import World

from presswork.db.errors import is_transient
from presswork.db.pool import pool_of
from presswork.idempotency import stored_replies
from presswork.platforms.settings import Settings

_HEADERS = {"Idempotency-Key": "rename"}


class ConflictingSession:
    """Another session with an open transaction that conflicts with the requests."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", observer: Api) -> None:
        self._observer = observer
        self.connection = connection

    async def until_waited_for(self, sessions: int = 1) -> None:
        """Wait until this many sessions wait for a lock."""
        await until_waiting(self._observer.context.pool, sessions)


@asynccontextmanager
async def rival_of(api: Api, owner_dsn: str) -> AsyncIterator[ConflictingSession]:
    """Open a session in a transaction that is never the victim of a deadlock."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute("SET deadlock_timeout = '1min'; BEGIN")
        yield ConflictingSession(connection, api)
    finally:
        await connection.close()


async def run(call: Awaitable[httpx2.Response]) -> "asyncio.Task[httpx2.Response]":
    """Start a request as a task."""
    return asyncio.ensure_future(call)


async def test_deadlock_victim_is_retried(api: Api, world: World, owner_dsn: str) -> None:
    """A request with an idempotency key is the victim of a deadlock: its transaction is retried and it returns 200."""
    project = await world.project()
    async with rival_of(api, owner_dsn) as rival:
        await rival.connection.execute("SELECT FROM projects FOR UPDATE")
        call = await run(world.client.patch(f"/v1/projects/{project}", json={"name": "Autumn"}, headers=_HEADERS))
        await rival.until_waited_for()
        # The request has claimed its key and waits for the project; this session waits for the key: a cycle.
        await rival.connection.execute("LOCK TABLE idempotency_keys IN EXCLUSIVE MODE")
        await rival.connection.execute("ROLLBACK")
        answer = await call
    assert (answer.status_code, answer.json()["name"]) == (200, "Autumn")
    again = await world.client.patch(f"/v1/projects/{project}", json={"name": "Autumn"}, headers=_HEADERS)
    assert again.content == answer.content


async def test_a_deadlock_without_a_key_runs_the_transaction_again(
    api: Api, world: World, owner_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request without an idempotency key is the victim of a deadlock: its transaction runs again and succeeds."""
    monkeypatch.setattr(
        stored_replies, "MAX_ATTEMPTS", 20
    )  # on a busy machine it may lock the row again before the rival
    made = await make_webhooks(world.client)
    async with rival_of(api, owner_dsn) as rival:
        await rival.connection.execute("SELECT FROM webhook_deliveries FOR UPDATE")
        call = await run(world.client.delete(f"/v1/webhook-endpoints/{made['endpointId']}"))
        await rival.until_waited_for()
        await rival.connection.execute("SELECT FROM webhook_endpoints FOR UPDATE")
        await rival.connection.execute("ROLLBACK")
        answer = await call
    assert answer.status_code == 200, answer.text
    assert (await world.client.get(f"/v1/webhook-endpoints/{made['endpointId']}")).status_code == 404


async def test_a_deadlock_in_the_last_attempt_is_unavailable(
    api: Api, world: World, owner_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last attempt is the victim of a deadlock, too: 503, nothing is written, and the repeated request succeeds."""
    monkeypatch.setattr(stored_replies, "MAX_ATTEMPTS", 1)
    made = await make_webhooks(world.client)
    async with rival_of(api, owner_dsn) as rival:
        await rival.connection.execute("SELECT FROM webhook_deliveries FOR UPDATE")
        call = await run(world.client.delete(f"/v1/webhook-endpoints/{made['endpointId']}"))
        await rival.until_waited_for()
        await rival.connection.execute("SELECT FROM webhook_endpoints FOR UPDATE")
        await rival.connection.execute("ROLLBACK")
        answer = await call
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "UNAVAILABLE")
    assert "nothing was written" in error["message"]
    assert (await world.client.delete(f"/v1/webhook-endpoints/{made['endpointId']}")).status_code == 200


@pytest.fixture
async def strict(settings: Settings, dsn: str, owner_dsn: str, clock: MovableClock) -> AsyncIterator[Api]:
    """The API on a database whose transactions see one snapshot: a concurrent update is a serialization failure."""
    connection = await asyncpg.connect(owner_dsn)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    await connection.close()
    async with serving(settings, dsn=dsn, clock=clock) as api:
        yield api


async def test_serialization_failure_is_retried(strict: Api, owner_dsn: str) -> None:
    """Another transaction changes the project: the request's transaction is retried, sees it, and returns 200."""
    world = World(api=strict, client=await strict.client())
    project = await world.project()
    async with rival_of(strict, owner_dsn) as rival:
        await rival.connection.execute("UPDATE projects SET timezone = 'Asia/Tokyo'")
        call = await run(world.client.patch(f"/v1/projects/{project}", json={"name": "Autumn"}, headers=_HEADERS))
        await rival.until_waited_for()
        await rival.connection.execute("COMMIT")
        answer = await call
    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["timezone"]) == ("Autumn", "Asia/Tokyo")


async def test_a_serialization_failure_without_a_key_runs_the_transaction_again(strict: Api, owner_dsn: str) -> None:
    """A concurrent update of the same row: the transaction runs again on a new snapshot and succeeds."""
    client = await strict.client()
    made = await make_webhooks(client)
    async with rival_of(strict, owner_dsn) as rival:
        await rival.connection.execute("UPDATE webhook_endpoints SET events = events")
        call = await run(client.delete(f"/v1/webhook-endpoints/{made['endpointId']}"))
        await rival.until_waited_for()
        await rival.connection.execute("COMMIT")
        answer = await call
    assert answer.status_code == 200, answer.text
    assert (await client.get(f"/v1/webhook-endpoints/{made['endpointId']}")).status_code == 404


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (asyncpg.DeadlockDetectedError("deadlock detected"), True),
        (asyncpg.SerializationError("could not serialize access"), True),
        (asyncpg.InvalidPasswordError("password authentication failed"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InterfaceError("another operation is in progress"), False),
        (OSError(113, "No route to host"), True),
        (FileNotFoundError(2, "No such file or directory"), False),
        (TimeoutError(), True),
        (asyncpg.UniqueViolationError("duplicate key"), False),
        (ValueError("bad"), False),
    ],
)
def test_what_is_transient(raised: Exception, *, expected: bool) -> None:
    """Temporary database errors are transient; misuse, file errors and constraint violations are not."""
    assert is_transient(raised) is expected


async def test_a_connection_that_ends_between_two_statements_is_transient(dsn: str, owner_dsn: str) -> None:
    """The server ends a connection in the middle of a transaction; the next statement's error says "try again"."""
    async with pool_of(dsn, min_size=1, max_size=1) as pool, pool.acquire() as connection:
        process = await connection.fetchval("SELECT pg_backend_pid()")
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        owner = await asyncpg.connect(owner_dsn)
        try:
            await owner.execute("SELECT pg_terminate_backend($1, 5000)", process)
        finally:
            await owner.close()
        await ended.wait()
        with pytest.raises(asyncpg.InterfaceError) as raised:
            await connection.fetchval("SELECT 1")
    assert is_transient(raised.value), raised.value
