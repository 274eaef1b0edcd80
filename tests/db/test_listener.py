"""The listener reconnects after any error and logs it once; the process works without it until then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2
import pytest
from prometheus_client import generate_latest
from pydantic import SecretStr
from structlog.testing import capture_logs
from tests.api_server import serving
from tests.clocks import MovableClock

from presswork.db.listener import Listener, _wait_until_ended
from presswork.orgs.keys import KeyCache
from presswork.platforms.settings import Settings
from presswork.telemetry import meters

_RIGHT, _WRONG = "correct horse", "battery staple"


class Role:
    """A login role whose password is rotated while a listener uses it."""

    def __init__(self, name: str, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.name = name
        self._admin = admin

    def dsn(self, owner_dsn: str) -> str:
        """Return the URL of the database with this role."""
        parts = urlsplit(owner_dsn)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{self.name}:{_RIGHT.replace(' ', '%20')}@{host}"))

    async def set_password(self, password: str) -> None:
        """Rotate the password."""
        await self._admin.execute(f"ALTER ROLE {self.name} PASSWORD '{password}'")

    async def cut(self) -> None:
        """Terminate all connections of the role."""
        await self._admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", self.name
        )


@pytest.fixture
async def role(owner_dsn: str) -> AsyncIterator[Role]:
    """A role with a password."""
    admin = await asyncpg.connect(owner_dsn)
    role = Role(f"role_{urlsplit(owner_dsn).path.strip('/')}", admin)
    try:
        await admin.execute(f"CREATE ROLE {role.name} LOGIN")
        await role.set_password(_RIGHT)
        yield role
        await role.cut()
        await admin.execute(f"DROP ROLE {role.name}")
    finally:
        await admin.close()


class Backoff:
    """Replaces the waits between attempts to connect: each lasts until the test releases it."""

    def __init__(self) -> None:
        self.waits: list[timedelta] = []
        self._begun = asyncio.Semaphore(0)
        self._released = asyncio.Semaphore(0)

    async def sleep(self, duration: timedelta) -> None:
        """Wait until released."""
        self.waits.append(duration)
        self._begun.release()
        await self._released.acquire()

    async def wait_for_attempts(self, count: int) -> None:
        """Let `count` attempts fail; the last one then waits."""
        for number in range(count):
            if number:
                self._released.release()
            async with asyncio.timeout(60):
                await self._begun.acquire()

    def release(self) -> None:
        """Let the next attempt start."""
        self._released.release()


@asynccontextmanager
async def running(listener: Listener) -> AsyncIterator[None]:
    """Run a listener for the duration of a block."""
    task = asyncio.create_task(listener.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_rotated_password_does_not_end_the_listener(role: Role, owner_dsn: str) -> None:
    """Ten failed attempts back off up to a limit and are logged once; with the right password it reconnects."""
    payloads: asyncio.Queue[str] = asyncio.Queue()
    connected: asyncio.Queue[None] = asyncio.Queue()
    backoff = Backoff()
    listener = Listener(
        role.dsn(owner_dsn),
        "news",
        payloads.put_nowait,
        on_connected=lambda: connected.put_nowait(None),
        sleep=backoff.sleep,
    )
    with capture_logs() as logs:
        async with asyncio.timeout(60), running(listener):
            await connected.get()
            await role.set_password(_WRONG)
            await role.cut()
            await backoff.wait_for_attempts(10)
            was_connected = listener.is_connected
            await role.set_password(_RIGHT)
            backoff.release()
            await connected.get()
            assert (was_connected, listener.is_connected) == (False, True)
            await role._admin.execute("SELECT pg_notify('news', 'hello')")
            assert await payloads.get() == "hello"
    seconds = [wait.total_seconds() for wait in backoff.waits]
    assert seconds[:6] == [0.5, 1, 2, 4, 8, 15]
    assert set(seconds[6:10]) == {15}
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("listener disconnected; reconnecting, with polling until then", "warning"),
        ("listener reconnected", "info"),
    ]


@pytest.mark.parametrize("error", [RuntimeError("unexpected"), asyncpg.ProtocolViolationError("pooler error")])
async def test_no_error_ends_the_listener(dsn: str, error: Exception) -> None:
    """An unexpected error is handled like an outage, and logged with its traceback."""
    backoff = Backoff()
    connected = asyncio.Event()
    errors = iter([error])

    def on_connected() -> None:
        for unforeseen in errors:
            raise unforeseen
        connected.set()

    with capture_logs() as logs:
        async with running(Listener(dsn, "news", print, on_connected=on_connected, sleep=backoff.sleep)):
            await backoff.wait_for_attempts(1)
            backoff.release()
            await asyncio.wait_for(connected.wait(), 60)
    assert logs[0]["error"] == type(error).__name__
    assert bool(logs[0]["exc_info"]) is isinstance(error, RuntimeError)


async def _until(client: httpx2.AsyncClient, is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await client.get("/v1/projects")  # a round trip, so other tasks run


async def test_keys_are_cached_again_after_a_password_rotation(
    role: Role, settings: Settings, dsn: str, owner_dsn: str, clock: MovableClock
) -> None:
    """Without the listener requests work, and readiness and metrics report it; afterwards keys are cached again."""
    listening = settings.model_copy(update={"database_listen_url": SecretStr(role.dsn(owner_dsn))})
    async with serving(listening, dsn=dsn, clock=clock) as api:
        client, cache = await api.client(), api.context.part(KeyCache)

        async def shown() -> tuple[str, str]:
            answer = await client.get("/readyz?part=api")
            assert answer.status_code == 200
            lines = generate_latest(meters.EVERY).decode().splitlines()
            name = 'presswork_listener_connected{channel="presswork_keys"} '
            return answer.json()["listener"], next(line for line in lines if line.startswith(name)).split()[-1]

        await _until(client, lambda: cache.is_subscribed)
        assert await shown() == ("connected", "1.0")
        await role.set_password(_WRONG)
        await role.cut()
        await _until(client, lambda: not cache.is_subscribed)
        assert await shown() == ("reconnecting", "0.0")
        assert (await client.get("/v1/projects")).status_code == 200
        await role.set_password(_RIGHT)
        await _until(client, lambda: cache.is_subscribed)
        assert await shown() == ("connected", "1.0")


async def test_a_cancellation_at_the_moment_the_connection_ends_is_not_lost(dsn: str) -> None:
    """A stopping process ends its listener in the same turn of the event loop in which the server ends the connection."""
    waiting = asyncio.Event()

    class Ended(asyncio.Event):
        async def wait(self) -> Literal[True]:
            waiting.set()
            return await super().wait()

    ended = Ended()
    connection = await asyncpg.connect(dsn)
    try:
        listening = asyncio.create_task(_wait_until_ended(connection, ended))
        await waiting.wait()
        ended.set()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
    finally:
        await connection.close()
