"""Fixtures of all tests: one embedded PostgreSQL per run, one database per test, a movable clock, the API over HTTP."""

import asyncio
import contextlib
import fcntl
import functools
import itertools
import os
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
import httpx2
import hypothesis
import pytest
import structlog
from fastapi import FastAPI
from pydantic import SecretStr
from tests import databases
from tests.cli.program import CommandProcess
from tests.clocks import MovableClock
from tests.databases import connected, dsn_of
from tests.media_pools import shared_media_pools
from tests.servers import shut

from presswork.api.app import create_app, create_routes
from presswork.api.context import Context
from presswork.api.http_protocol import ConnectionLimits
from presswork.api.runtime import Server, open_context, server_for
from presswork.cli.address import listen_on, url_of
from presswork.core.clock import Clock
from presswork.core.enums import Environment
from presswork.core.settings import Settings
from presswork.crypto.keyring import key_texts, load_keyring
from presswork.db.app_role import as_embedded_role
from presswork.db.embedded import app_password, embedded_server
from presswork.db.listener import DUE
from presswork.db.pool import Pool, pool_of
from presswork.media.samples import sample_picture, sample_video
from presswork.orgs.keys import create_key
from presswork.orgs.model import Tier
from presswork_sandbox.app import create_app as create_sandbox

_SERVER: Final = "PRESSWORK_TESTS_SERVER"
_SERVER_FOLDER: Final = "PRESSWORK_TESTS_FOLDER"
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Clients of the tests use plain HTTP; loading the machine's certificates for each takes 30 ms."""
_number: Final = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the size of the fuzz tests; see `make fuzz`."""
    parser.addoption("--fuzz-examples", type=int, default=5, help="examples for each operation and generation mode")


# `make test` draws the same examples in every run. `make fuzz` chooses the other profile and a new --hypothesis-seed.
hypothesis.settings.register_profile("fixed", derandomize=True, database=None)
hypothesis.settings.register_profile("fuzz", derandomize=False, database=None, print_blob=True)
hypothesis.settings.load_profile("fixed")


@pytest.fixture(scope="session", autouse=True)
def media_children() -> Iterator[None]:
    """The child processes for media, which the APIs and workers of all tests of a process share."""
    with shared_media_pools(processes=1):
        yield


@pytest.fixture
def clock() -> MovableClock:
    """The clock of the test; it starts at the current time, because the sandbox has its own clock."""
    return MovableClock()


def _folder_in_memory() -> Path | None:
    """Return a file system in memory with 4 GiB free, if there is one: with it, the whole run takes a sixth less time."""
    memory = Path("/dev/shm")  # noqa: S108  the folder below it has a random name
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 4 * 1024**3 else None


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded server of the run in the process that outlives all test processes."""
    # Rich's tracebacks, with the values of all variables, take half a second each.
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])
    if os.environ.get("PYTEST_XDIST_WORKER") or config.option.collectonly:
        return
    stack = contextlib.ExitStack()
    config.add_cleanup(stack.close)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="presswork-tests-", dir=_folder_in_memory()))
    os.environ[_SERVER] = stack.enter_context(embedded_server(Path(folder))).dsn
    os.environ[_SERVER_FOLDER] = folder


@pytest.fixture(scope="session")
def server_dsn() -> str:
    """The embedded server of the run, shared by all test processes, with a migrated template database."""
    dsn = os.environ[_SERVER]
    with Path(os.environ[_SERVER_FOLDER], "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(databases.make_template(dsn, app_password=app_password(Path(os.environ[_SERVER_FOLDER]))))
    return dsn


def owner_of(dsn: str) -> str:
    """Return the URL of the same database of the run's server for the owner of its tables."""
    return dsn_of(os.environ[_SERVER], urlsplit(dsn).path.removeprefix("/"))


async def as_owner(pool: Pool, *statements: str) -> None:
    """Run statements in one transaction as the owner of the tables, which API and workers are not."""
    database = await pool.fetchval("SELECT current_database()")
    async with connected(dsn_of(os.environ[_SERVER], database)) as connection, connection.transaction():
        for statement in statements:
            await connection.execute(statement)


@pytest.fixture
def dsn(owner_dsn: str) -> str:
    """The database of the test for API and workers: their login can only insert into the audit log."""
    return as_embedded_role(owner_dsn, app_password(Path(os.environ[_SERVER_FOLDER])))


@pytest.fixture
async def owner_dsn(server_dsn: str) -> AsyncIterator[str]:
    """An empty, migrated database for the test, for the owner of its tables."""
    name = await databases.take(server_dsn)
    yield dsn_of(server_dsn, name)
    await databases.give_back(server_dsn, name)


@pytest.fixture
async def bare_dsn(server_dsn: str) -> AsyncIterator[str]:
    """A new database without the schema."""
    name = f"bare_{os.getpid()}_{next(_number)}"
    async with connected(server_dsn) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
        yield dsn_of(server_dsn, name)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    """A pool on the database of the test."""
    async with pool_of(dsn, min_size=1) as pool:
        yield pool


@dataclass(frozen=True, slots=True)
class WorkHints:
    """The hints that wake workers, as a worker receives them."""

    received: "asyncio.Queue[str]"
    listener: "asyncpg.Connection[asyncpg.Record]"

    async def next(self) -> None:
        """Wait for a hint."""
        async with asyncio.timeout(20):
            await self.received.get()

    async def none(self) -> bool:
        """Return whether there is no unread hint."""
        await self.listener.fetchval("SELECT 1")  # after this round trip, all hints sent so far have arrived
        return self.received.empty()


@contextlib.asynccontextmanager
async def work_hints(dsn: str) -> AsyncIterator[WorkHints]:
    """Listen for hints until the block ends."""
    received: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(dsn)
    try:
        await listener.add_listener(DUE, lambda *hint: received.put_nowait(str(hint[3])))
        yield WorkHints(received, listener)
    finally:
        await listener.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder for the test; the environment of the machine is ignored."""
    return Settings(_env_file=None, data_dir=tmp_path / "data", allow_private_media=True, media_processes=1)


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
            httpx2.AsyncClient(base_url=self.base_url, headers=headers, timeout=30, trust_env=False, verify=_NO_TLS)
        )


@functools.cache
def _shared_routes() -> FastAPI:
    """Build the routes once per test process: they hold no state, and FastAPI takes 0.3 s to build them."""
    return create_routes()


@contextlib.asynccontextmanager
async def serving(
    settings: Settings,
    *,
    dsn: str,
    clock: Clock,
    listener: socket.socket | None = None,
    limits: ConnectionLimits | None = None,
    routes: FastAPI | None = None,
) -> AsyncIterator[Api]:
    """Serve the API and the sandbox until the block ends, optionally on a given listener."""
    listener = listener or listen_on("127.0.0.1", 0)
    async with contextlib.AsyncExitStack() as stack:
        base_url = url_of(listener)
        context = await stack.enter_async_context(open_context(settings, dsn=dsn, base_url=base_url, clock=clock))
        sandbox = create_sandbox(settings.data_dir / "sandbox.sqlite3")
        stack.push_async_callback(sandbox.close)
        app = create_app(context, sandbox=sandbox, routes=routes or _shared_routes())
        server = server_for(app, limits, end_streams=context.event_feed.stop, error_links=context.error_links)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            clients = await stack.enter_async_context(contextlib.AsyncExitStack())
            yield Api(base_url=base_url, context=context, clients=clients, server=server)
        finally:
            running.cancel()
            await asyncio.wait([running])
            await shut(server)


@pytest.fixture
async def api(settings: Settings, dsn: str, clock: MovableClock) -> AsyncIterator[Api]:
    """The API on a new database, with the clock of the test."""
    async with serving(settings, dsn=dsn, clock=clock) as api:
        yield api


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Calls the public API: projects, connected sandbox accounts, finished content, posts; sets sandbox faults."""

    api: Api
    client: httpx2.AsyncClient

    async def project(self, name: str = "Spring campaign") -> str:
        """Create a project and return its id."""
        answer = await self.client.post("/v1/projects", json={"name": name, "timezone": "Europe/Berlin"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def account(self, project: str, platform: str, handle: str, **more: object) -> str:
        """Connect a sandbox account by OAuth and return its id; `more` is added to the body."""
        answer = await self.client.post(
            f"/v1/projects/{project}/social/oauth-url",
            json={"platform": platform, "returnUrl": "http://localhost/back", **more},
        )
        assert answer.status_code == 200, answer.text
        browser = await self.api.anonymous()
        agreed = await browser.get(f"{answer.json()['authorizeUrl']}&account={handle}&decision=approve")
        await browser.get(agreed.headers["location"])
        status = await self.client.get(f"/v1/social/oauth-status/{answer.json()['state']}")
        assert status.json()["status"] == "connected", status.text
        return str(status.json()["socialAccountId"])

    async def content(
        self,
        project: str,
        *files: bytes,
        content_type: str = "image/jpeg",
        caption: str = "Hello",
        comment: str | None = None,
    ) -> str:
        """Upload files as one container with presigned URLs and return its id."""
        declared = [
            {"filename": f"file-{index}", "contentType": content_type, "sizeBytes": len(file)}
            for index, file in enumerate(files)
        ]
        grouping = "slideshow" if len(files) > 1 else "per-file"
        answer = await self.client.post(
            f"/v1/projects/{project}/content/uploads", json={"files": declared, "grouping": grouping}
        )
        assert answer.status_code == 201, answer.text
        (item,) = answer.json()["items"]
        browser = await self.api.anonymous()
        for target, file in zip(item["files"], files, strict=True):
            put = await browser.put(target["uploadUrl"], content=file, headers=target["headers"])
            assert put.status_code < 300, put.text
        body = {"caption": caption, "firstComment": comment}
        final = await self.client.post(f"/v1/content/{item['containerId']}/finalize-upload", json=body)
        assert final.status_code == 200, final.text
        return str(item["containerId"])

    async def publish(self, container: str, *accounts: str, **target: object) -> list[str]:
        """Publish to accounts and return the ids of the posts."""
        targets = [{"socialAccountId": account, "mode": "publish", **target} for account in accounts]
        answer = await self.client.post(f"/v1/content/{container}/publish", json={"targets": targets})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["scheduledPostIds"])

    async def post(self, post_id: str) -> dict[str, Any]:
        """Return a post."""
        answer = await self.client.get(f"/v1/scheduled-posts/{post_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def timeline(self, post_id: str) -> list[dict[str, Any]]:
        """Return the timeline of a post."""
        answer = await self.client.get(f"/v1/scheduled-posts/{post_id}/timeline")
        return list(answer.json()["items"])

    async def live(self, **query: str) -> list[dict[str, Any]]:
        """Return the live posts of the fake platforms."""
        browser = await self.api.anonymous()
        answer = await browser.get("/sandbox/control/posts", params=query)
        return list(answer.json()["items"])

    async def drafts(self, **query: str) -> list[dict[str, Any]]:
        """Return the drafts in the inboxes of the fake TikTok."""
        browser = await self.api.anonymous()
        answer = await browser.get("/sandbox/control/drafts", params=query)
        return list(answer.json()["items"])

    async def post_draft(self, publish_id: str) -> str:
        """Post a draft as its creator does in the app, and return the external id of the post."""
        browser = await self.api.anonymous()
        answer = await browser.post(f"/sandbox/control/drafts/{publish_id}/publish", json={})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["externalId"])

    async def fault(self, **fault: object) -> None:
        """Set a fault of the sandbox."""
        browser = await self.api.anonymous()
        answer = await browser.post("/sandbox/control/faults", json=fault)
        assert answer.status_code < 300, answer.text


@pytest.fixture
async def world(api: Api) -> World:
    """The public API with one key of one organization."""
    return World(api=api, client=await api.client())


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A small JPEG."""
    return sample_picture(720, 900, seed=1, title="Test")


@pytest.fixture(scope="session")
def video() -> bytes:
    """A short MP4."""
    return sample_video(timedelta(seconds=3), 360, 640, seed=1)


@pytest.fixture
def context(api: Api) -> Context:
    """The dependencies of the API under test."""
    return api.context


@pytest.fixture(scope="session")
def command_process() -> Iterator[CommandProcess]:
    """A process that runs commands, shared by the session."""
    command_process = CommandProcess()
    yield command_process
    command_process.close()
