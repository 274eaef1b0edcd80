"""Fixtures of all tests: one embedded PostgreSQL per run, databases, a movable clock, the API over HTTP.

Nothing at the top imports the program: a test of one small module must not wait for all of it.
"""

import asyncio
import contextlib
import fcntl
import gc
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests import databases
from tests.databases import connected, dsn_of
from tests.signals import default_signals_for_children

if TYPE_CHECKING:
    from playwright.async_api import Browser
    from tests.api_server import Api, Servers
    from tests.cli.program import CommandProcess, Up
    from tests.clocks import MovableClock
    from tests.world import World

    from presswork.api.context import Context
    from presswork.db.pool import Pool
    from presswork.platforms.settings import Settings

sys.dont_write_bytecode = False
"""To compile the tests takes longer than to import them, so their bytecode is kept where PYTHONDONTWRITEBYTECODE is set, too."""

pytest_plugins = ("tests.tiers",)

_number: Final = itertools.count(1)


@pytest.fixture(autouse=True)
def _forget_secrets() -> Iterator[None]:
    """Forget the secrets that a test has stored: they would be hidden in what the next ones read, where they are plain words."""
    yield
    if (logging := sys.modules.get("presswork.core.logging")) is not None:
        logging._known._of_customers.clear()
        logging._known._sort()


@pytest.fixture(scope="session", autouse=True)
def media_children() -> Iterator[None]:
    """The child processes for media, which the APIs and workers of all tests of a process share."""
    if {"presswork.api.runtime", "presswork.worker.main"}.isdisjoint(sys.modules):
        yield
        return
    from tests.media_pools import shared_media_pools

    with shared_media_pools(processes=1):
        yield


@pytest.fixture
def clock() -> "MovableClock":
    """The clock of the test; it starts at the current time, because the sandbox has its own clock."""
    from tests.clocks import MovableClock

    return MovableClock()


def _folder_in_memory() -> Path | None:
    """Return a file system in memory with 4 GiB free, if there is one: with it, the whole run takes a sixth less time."""
    memory = Path("/dev/shm")  # noqa: S108  the folder below it has a random name
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 4 * 1024**3 else None


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded server of the run in the process that outlives all test processes, and load Hypothesis' profile."""
    import hypothesis
    import structlog

    default_signals_for_children()
    # `make test` draws the same examples in every run. `make fuzz` chooses the other profile and a new --hypothesis-seed.
    hypothesis.settings.register_profile("fixed", derandomize=True, database=None)
    hypothesis.settings.register_profile("fuzz", derandomize=False, database=None, print_blob=True)
    hypothesis.settings.load_profile("fixed")
    # Rich's tracebacks, with the values of all variables, take half a second each.
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])
    if os.environ.get("PYTEST_XDIST_WORKER") or config.option.collectonly:
        return
    from presswork.db.embedded import app_password, embedded_server
    from presswork.db.embedded.cluster import SETTINGS

    # In each test process, an API and three workers may be open at once, each with a pool of 20.
    SETTINGS["max_connections"] = "400"
    stack = contextlib.ExitStack()
    config.add_cleanup(stack.close)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="presswork-tests-", dir=_folder_in_memory()))
    os.environ[databases.SERVER] = stack.enter_context(embedded_server(Path(folder))).dsn
    os.environ[databases.APP_PASSWORD] = app_password(Path(folder))
    os.environ[databases.SERVER_FOLDER] = folder


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of garbage collection: none of it ends before the run does."""
    gc.freeze()


@pytest.fixture(scope="session")
def server_dsn() -> str:
    """The embedded server of the run, shared by all test processes, with a migrated template database."""
    dsn = os.environ[databases.SERVER]
    with Path(os.environ[databases.SERVER_FOLDER], "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(databases.make_template(dsn, app_password=os.environ[databases.APP_PASSWORD]))
    return dsn


@pytest.fixture(scope="session")
def shared_servers(server_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> "Servers":
    """The servers that the tests of this process share; `api` lends one of them."""
    from tests.api_server import Servers

    return Servers(tmp_path_factory.mktemp("shared") / "data", server_dsn)


@pytest.fixture(scope="session")
async def running_servers(shared_servers: "Servers") -> "AsyncIterator[Servers]":
    """The same, closed at the end of the session."""
    yield shared_servers
    await shared_servers.close()


@pytest.fixture
async def servers(running_servers: "Servers") -> "AsyncIterator[Servers]":
    """The shared servers, cleaned after the test. With this fixture, `dsn` and `settings` are those of these servers."""
    yield running_servers
    await running_servers.clean()


@pytest.fixture
def dsn(owner_dsn: str) -> str:
    """The database of the test for API and workers: their login can only insert into the audit log."""
    from presswork.db.app_role import as_embedded_role

    return as_embedded_role(owner_dsn, os.environ[databases.APP_PASSWORD])


@pytest.fixture
async def owner_dsn(request: pytest.FixtureRequest, server_dsn: str) -> AsyncIterator[str]:
    """An empty, migrated database for the test, for the owner of its tables."""
    if "servers" in request.fixturenames:
        shared: Servers = request.getfixturevalue("shared_servers")
        yield dsn_of(server_dsn, await shared.database())
        return
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
async def pool(dsn: str) -> "AsyncIterator[Pool]":
    """A pool on the database of the test."""
    from presswork.db.pool import pool_of

    async with pool_of(dsn, min_size=1) as pool:
        yield pool


@pytest.fixture(scope="session")
def shared_settings() -> "Settings":
    """The settings of all tests of a process but for their data folder: to read and check them takes 20 ms."""
    from presswork.platforms.settings import Settings

    return Settings(_env_file=None, allow_private_media=True, media_processes=1)


@pytest.fixture
def settings(request: pytest.FixtureRequest, shared_settings: "Settings", tmp_path: Path) -> "Settings":
    """Settings with a data folder for the test, or that of the shared servers; the environment of the machine is ignored."""
    data_dir = tmp_path / "data"
    if "servers" in request.fixturenames:
        shared: Servers = request.getfixturevalue("shared_servers")
        data_dir = shared.folder
    return shared_settings.model_copy(update={"data_dir": data_dir})


@pytest.fixture
async def api(servers: "Servers", settings: "Settings", dsn: str, clock: "MovableClock") -> "AsyncIterator[Api]":
    """The API with these settings and no data, on the clock of the test."""
    async with servers.lend(settings, dsn=dsn, clock=clock) as api:
        yield api


@pytest.fixture
async def world(api: "Api") -> "World":
    """The public API with one key of one organization."""
    from tests.world import World

    return World(api=api, client=await api.client())


@pytest.fixture(scope="session")
async def shared_browser() -> "AsyncIterator[Browser]":
    """The browser of this test process: a start takes a second of processor time."""
    from tests.browsers import running_browser

    async with running_browser() as browser:
        yield browser


@pytest.fixture
async def browser(shared_browser: "Browser") -> "AsyncIterator[Browser]":
    """The same, without a profile: each one that a test makes ends with the test."""
    yield shared_browser
    for profile in shared_browser.contexts:
        await profile.close()


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A small JPEG."""
    from presswork.media.samples import sample_picture

    return sample_picture(720, 900, seed=1, title="Test")


@pytest.fixture(scope="session")
def video() -> bytes:
    """A short MP4."""
    from presswork.media.samples import sample_video

    return sample_video(timedelta(seconds=3), 360, 640, seed=1)


@pytest.fixture
def context(api: "Api") -> "Context":
    """The dependencies of the API under test."""
    return api.context


@pytest.fixture(scope="session")
def command_process() -> "Iterator[CommandProcess]":
    """A process that runs commands, shared by the session."""
    from tests.cli.program import CommandProcess

    command_process = CommandProcess()
    yield command_process
    command_process.close()


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Up]":
    """A `presswork up` that all tests of the session share, each with an organization of its own; each leaves it healthy.

    It may call servers of the tests, which are on this machine.
    """
    from tests.cli.program import running_up

    reachable = {"allow_private_media": "true", "allow_private_webhooks": "true"}
    with running_up(tmp_path_factory.mktemp("up") / "data", **reachable) as up:
        yield up
