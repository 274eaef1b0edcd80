"""The API over HTTP: servers that the tests of a process share, and servers of one test's own."""

import asyncio
import contextlib
import functools
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import httpx2
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send
from tests import databases
from tests.servers import shut

from presswork.accounts.platform_reads import CreatorInfoReader, PlaylistReader, QuotaReader
from presswork.api.app import create_app, create_routes
from presswork.api.context import Context
from presswork.api.http.error_guide import ErrorLinks
from presswork.api.http.protocol import ConnectionLimits
from presswork.api.runtime import Server, open_context, server_for
from presswork.apps.public_url import PublicURLInUse
from presswork.apps.stored_apps import AppsWatch
from presswork.callers.model import Tier
from presswork.cli.sockets import listen_on, url_of
from presswork.content.intake import Intake
from presswork.core.clock import Clock, SystemClock
from presswork.core.enums import Environment
from presswork.crypto.keyring import key_texts, load_keyring
from presswork.doctor.run_checks import Checks
from presswork.events.feed import EventFeed
from presswork.inbound_webhooks.call_rate import CallRate
from presswork.media.temp_space import TempSpace
from presswork.orgs.keys import create_key
from presswork.people.passwords import Passwords
from presswork.platforms.settings import Settings
from presswork.posts.sandbox_location import save_sandbox_location
from presswork.telemetry.queue_metrics import QueueMetrics
from presswork_sandbox.app import create_app as create_sandbox
from presswork_sandbox.threaded_app import ThreadedApp

NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Clients of the tests use plain HTTP; loading the machine's certificates for each takes 30 ms."""
_MAX_SERVERS: Final = 4
"""Servers with different settings that a process keeps."""
_QUIET_WITHIN: Final = timedelta(seconds=10)
"""How long a test's last requests may take to end."""


def beside(settings: Settings, folder: Path) -> Settings:
    """Return the settings of another machine of the same installation: another folder, the same keys."""
    load_keyring(settings)  # creates the key, if there is none yet
    return settings.model_copy(update={"data_dir": folder, "secret_keys": SecretStr(",".join(key_texts(settings)))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The API, served by a real server on a loopback port, with the sandbox under /sandbox."""

    base_url: str
    context: Context
    clients: contextlib.AsyncExitStack
    server: Server

    async def client(
        self,
        *,
        scopes: Sequence[str] = ("*",),
        environment: Environment | str = Environment.TEST,
        organization: str = "Acme",
        tier: Tier = Tier.UNLIMITED,
        return_domains: Sequence[str] = ("localhost",),
    ) -> httpx2.AsyncClient:
        """Return a client with a new key."""
        async with self.context.pool.acquire() as connection:
            key = await create_key(
                connection,
                organization=organization,
                environment=Environment(environment),
                scopes=scopes,
                tier=tier,
                return_domains=return_domains,
                operator_id=None,
                name="test",
                now=self.context.clock.now(),
            )
        return await self.anonymous(headers={"Authorization": f"Bearer {key.token.text}"})

    async def anonymous(self, *, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
        """Return a client without a key."""
        return await self.clients.enter_async_context(
            httpx2.AsyncClient(base_url=self.base_url, headers=headers, timeout=30, trust_env=False, verify=NO_TLS)
        )


@functools.cache
def shared_routes() -> FastAPI:
    """Build the routes once per test process, with the OpenAPI document: they hold no state, and both take 0.8 s."""
    return create_routes()


@contextlib.asynccontextmanager
async def serving(
    settings: Settings,
    *,
    dsn: str,
    clock: Clock,
    listener: socket.socket | None = None,
    limits: ConnectionLimits | None = None,
    public_url: PublicURLInUse | None = None,
) -> AsyncIterator[Api]:
    """Serve the API and a new sandbox until the block ends, optionally on a given listener."""
    listener = listener or listen_on("127.0.0.1", 0)
    async with contextlib.AsyncExitStack() as stack:
        base_url = url_of(listener)
        context = await stack.enter_async_context(
            open_context(settings, dsn=dsn, base_url=base_url, clock=clock, public_url=public_url)
        )
        sandbox = create_sandbox(settings.data_dir / "sandbox.sqlite3", republish_after=settings.republish_after_test)
        stack.push_async_callback(sandbox.close)
        server = await stack.enter_async_context(_listening(context, sandbox, listener, limits=limits))
        clients = await stack.enter_async_context(contextlib.AsyncExitStack())
        yield Api(base_url=base_url, context=context, clients=clients, server=server)


@contextlib.asynccontextmanager
async def _listening(
    context: Context,
    sandbox: ThreadedApp,
    listener: socket.socket,
    *,
    limits: ConnectionLimits | None = None,
    app: ASGIApp | None = None,
) -> AsyncIterator[Server]:
    app = app or create_app(context, sandbox=sandbox, routes=shared_routes())
    server = server_for(app, limits, end_streams=context.part(EventFeed).stop, error_links=context.part(ErrorLinks))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield server
    finally:
        running.cancel()
        await asyncio.wait([running])
        await shut(server)


class _AppOfTheTest:
    """The application of a shared server. Connections that are kept alive over the end of a test reach the next test's."""

    def __init__(self) -> None:
        self.current: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.current is not None
        await self.current(scope, receive, send)


class _ClockOfTheTest:
    """The clock of a shared server: that of the test which uses it."""

    def __init__(self) -> None:
        self.current: Clock = SystemClock()

    def now(self) -> datetime:
        return self.current.now()

    def database_now(self) -> datetime | None:
        return self.current.database_now()

    def uptime(self) -> timedelta:
        return self.current.uptime()

    async def sleep(self, duration: timedelta) -> None:
        await self.current.sleep(duration)


class _SharedServer:
    """A server with certain settings. Between two tests, its counters, its stored apps and its application are replaced."""

    def __init__(
        self, context: Context, clock: _ClockOfTheTest, sandbox: ThreadedApp, server: Server, app: _AppOfTheTest
    ) -> None:
        self._context: Final = context
        self._app: Final = app
        self._clock: Final = clock
        self._sandbox: Final = sandbox
        self._server: Final = server

    @property
    def settings(self) -> Settings:
        return self._context.settings

    @contextlib.asynccontextmanager
    async def lent(self, clock: Clock, routes: FastAPI | None) -> AsyncIterator[Api]:
        """Serve one test, with its clock and optionally its routes."""
        self._clock.current = clock
        shared = self._context
        pool, keyring, platforms = shared.pool, shared.keyring, shared.platforms
        temp_space = TempSpace()
        context = replace(
            shared,
            clock=clock,
            parts=(
                Passwords(),
                temp_space,
                replace(shared.part(Intake), clock=clock, temp_space=temp_space),
                CallRate(),
                QuotaReader(pool=pool, keyring=keyring, platforms=platforms, clock=clock),
                CreatorInfoReader(pool=pool, keyring=keyring, platforms=platforms, clock=clock),
                PlaylistReader(pool=pool, keyring=keyring, platforms=platforms, clock=clock),
                QueueMetrics(pool, clock),
                Checks(settings=shared.settings, pool=pool, clock=clock, local_url=shared.base_url),
                *shared.parts,  # of two parts of a type, the first counts
            ),
        )
        self._app.current = create_app(context, sandbox=self._sandbox, routes=routes or shared_routes())
        try:
            async with contextlib.AsyncExitStack() as clients:
                yield Api(base_url=context.base_url, context=context, clients=clients, server=self._server)
        finally:
            self._clock.current = SystemClock()

    async def settle(self) -> None:
        """Wait for the requests in progress, and forget what the test has left in this process. Raises TimeoutError."""
        async with asyncio.timeout(_QUIET_WITHIN.total_seconds()):
            while tasks := set(self._server.server_state.tasks):
                await asyncio.wait(tasks)
            feed = self._context.part(EventFeed)
            while feed._is_needed.is_set():  # it would remember events that are deleted now
                feed._hint.set()
                await asyncio.sleep(0.005)
        await self._context.part(AppsWatch).refresh()

    async def save_sandbox_location(self) -> None:
        """Store again what the start of the server has stored, and a former test or server has removed."""
        await save_sandbox_location(self._context.pool, self._context.platforms.sandbox_url)

    async def reset_sandbox(self) -> None:
        """Forget accounts, posts and faults, and set the sandbox's clock to the machine's."""
        async with httpx2.AsyncClient(base_url=self._context.base_url, trust_env=False, verify=NO_TLS) as client:
            (await client.post("/sandbox/control/reset", json={})).raise_for_status()


class Servers:
    """The servers that the tests of a process share, one for each different settings, on one database and one data folder.

    After a test, the rows that it wrote are deleted and its files removed. Where the test changed more than rows, or left
    a connection with a lock, the servers end and the next test gets new ones.
    """

    def __init__(self, folder: Path, server_dsn: str) -> None:
        """Create without any server. `folder` becomes the data folder of all."""
        self.folder: Final = folder
        self._server_dsn: Final = server_dsn
        self._database: databases.SharedDatabase | None = None
        self._open: Final[list[tuple[_SharedServer, contextlib.AsyncExitStack]]] = []
        self._used: Final[list[_SharedServer]] = []
        self._key = b""

    def _read_key(self) -> bytes:
        """Return the key file. A test that rotates the keys gets the next one new servers."""
        file = self.folder / "secret.key"
        return file.read_bytes() if file.exists() else b""

    async def database(self) -> str:
        """Return the name of the database."""
        if self._database is None:
            self._database = await databases.SharedDatabase.create(self._server_dsn)
        return self._database.name

    @contextlib.asynccontextmanager
    async def lend(
        self, settings: Settings, *, dsn: str, clock: Clock, routes: FastAPI | None = None
    ) -> AsyncIterator[Api]:
        """Lend the server with these settings to a test; `routes` replace those of the program."""
        server = await self._server_for(settings, dsn)
        self._used.append(server)
        await server.save_sandbox_location()
        async with server.lent(clock, routes) as api:
            yield api

    async def _server_for(self, settings: Settings, dsn: str) -> _SharedServer:
        for entry in self._open:
            if entry[0].settings == settings:
                self._open.remove(entry)
                self._open.append(entry)
                return entry[0]
        while len(self._open) >= _MAX_SERVERS:
            await self._open.pop(0)[1].aclose()
        async with contextlib.AsyncExitStack() as stack:
            listener = listen_on("127.0.0.1", 0)
            clock = _ClockOfTheTest()
            base_url = url_of(listener)
            context = await stack.enter_async_context(open_context(settings, dsn=dsn, base_url=base_url, clock=clock))
            sandbox = create_sandbox(self.folder.with_name(f"{self.folder.name}-sandbox-{listener.fileno()}.sqlite3"))
            stack.push_async_callback(sandbox.close)
            app = _AppOfTheTest()
            server = await stack.enter_async_context(_listening(context, sandbox, listener, app=app))
            shared = _SharedServer(context, clock, sandbox, server, app)
            self._open.append((shared, stack.pop_all()))
            self._key = self._read_key()
            assert self._database is not None
            await self._database.keep("secret_keys")
            return shared

    async def clean(self) -> None:
        """Remove what a test has left."""
        try:
            for server in self._used:
                await server.settle()
                await server.reset_sandbox()
            if self._database is not None and not self._open:
                self._database.kept.clear()
            is_clean = self._database is None or await self._database.clean()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, httpx2.HTTPError):
            is_clean = False
        self._used.clear()
        if not is_clean or self._key != self._read_key():
            await self.close()
        _empty(self.folder, keep={"media"} if self._open else ())

    async def close(self) -> None:
        """End all servers and drop the database."""
        while self._open:
            await self._open.pop()[1].aclose()
        self._key = b""
        if self._database is not None:
            await self._database.drop()
            self._database = None


def _empty(folder: Path, *, keep: Collection[str] = ()) -> None:
    """Remove the files and folders in a data folder. Of the folders `keep`, which servers have open, only the contents."""
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.name in keep:
            _empty(file)
        elif file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        elif file.name != "secret.key" or not keep:
            file.unlink()
