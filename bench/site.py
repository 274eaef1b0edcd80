"""The environment of a measurement: an embedded server in a temporary folder, fresh databases, Presswork's processes."""

import asyncio
import contextlib
import itertools
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil

from bench.child import ended
from presswork.cli.sockets import listen_on, url_of
from presswork.db.embedded import embedded_server
from presswork.db.migrate import migrate
from presswork.platforms.settings import Settings

_TEMPLATE: Final = "bench_template"
_START_SECONDS: Final = 120
_NO_SANDBOX: Final = "http://127.0.0.1:1"
"""Where no sandbox is: publish calls do not need one."""
_number: Final = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The size of a run."""

    seconds: float
    """Length of one timed slice."""
    rows: int
    """Posts in the database before: waiting in the future, or most of them ended."""
    posts: int
    """Posts in flight."""
    drained: int
    """Posts that are due at one instant."""
    targets: Sequence[int]
    """Targets of a publish call."""
    rounds: int = 8
    """Turns of calls that are compared in turn, of which the median counts."""
    file_bytes: int = 2 * 1024**3
    """Size of a large video."""
    settle_seconds: float = 60
    """Between the last post and the measurement of an installation that does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """A running API process."""

    url: str
    process: psutil.Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running database server and a temporary folder."""

    folder: Path
    server_dsn: str

    @property
    def settings(self) -> Settings:
        """Settings of this folder; the environment is ignored."""
        return Settings(_env_file=None, data_dir=self.folder)

    async def database(self) -> str:
        """Create a migrated database and return its URL."""
        name = f"bench_{next(_number)}"
        connection = await asyncpg.connect(self.server_dsn)
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        finally:
            await connection.close()
        return _dsn_of(self.server_dsn, name)

    async def database_server(self) -> psutil.Process:
        """Return the parent process of all database processes."""
        connection = await asyncpg.connect(self.server_dsn)
        try:
            parent = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()")).parent()
        finally:
            await connection.close()
        if parent is None:
            raise RuntimeError("the database server's process is not on this machine")
        return parent

    async def drop_databases(self) -> None:
        """Drop the databases that `database` created: with many rows each needs gigabytes."""
        connection = await asyncpg.connect(self.server_dsn)
        try:
            names = await connection.fetch(
                r"SELECT datname FROM pg_database WHERE datname LIKE 'bench\_%' AND datname <> $1 ORDER BY 1", _TEMPLATE
            )
            for row in names:
                await connection.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)", timeout=600)
        finally:
            await connection.close()

    @contextlib.contextmanager
    def program(
        self,
        *arguments: str,
        dsn: str,
        settings: Mapping[str, str],
        passes: Sequence[int] = (),
    ) -> Iterator[psutil.Process]:
        """Run `presswork …` as a separate process within a block, with its log in a file."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWORK_")}
        environment |= {"PRESSWORK_DATABASE_URL": dsn, "PRESSWORK_DATA_DIR": str(self.folder)}
        environment |= {"PRESSWORK_CHECK_SHARED": "false"}  # the rows of a benchmark refer to media that is not stored
        environment |= {f"PRESSWORK_{name.upper()}": value for name, value in settings.items()}
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  Presswork's command
                [sys.executable, "-m", "presswork.cli", *arguments],
                env=environment,
                cwd=self.folder,
                pass_fds=passes,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        with ended(process):
            yield psutil.Process(process.pid)

    @contextlib.contextmanager
    def api(self, dsn: str, *, processes: int = 1, **settings: str) -> Iterator[Api]:
        """Run `presswork api` within a block; several processes have no sandbox."""
        listener = listen_on("127.0.0.1", 0)
        if processes > 1:
            url = url_of(listener)
            listener.close()
            options = ("--processes", str(processes), "--port", str(urlsplit(url).port))
            with self.program(
                "api", *options, dsn=dsn, settings={"sandbox": "false", "sandbox_url": _NO_SANDBOX, **settings}
            ) as process:
                wait_for(f"{url}/healthz")
                yield Api(url=url, process=process)
            return
        with listener:
            number = listener.fileno()
            with self.program("api", "--fd", str(number), dsn=dsn, passes=[number], settings=settings) as process:
                url = url_of(listener)
                wait_for(f"{url}/healthz")
                yield Api(url=url, process=process)


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU time that a process and its children have used, ended children included."""
    own = process.cpu_times()
    used = own.user + own.system + own.children_user + own.children_system
    for child in process.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            used += times.user + times.system
    return used


def wait_for(url: str) -> None:
    """Wait until the URL returns 200. Raises TimeoutError after two minutes."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=_START_SECONDS) as reply:  # noqa: S310  loopback
                if reply.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not return 200 in time")


@contextlib.contextmanager
def open_site() -> Iterator[Site]:
    """Start the server in a new temporary folder, and remove both at the end."""
    with tempfile.TemporaryDirectory(prefix="presswork-bench-") as folder, embedded_server(Path(folder)) as server:
        asyncio.run(make_template(server.dsn))
        yield Site(folder=Path(folder), server_dsn=server.dsn)


async def make_template(dsn: str, *, extension: str | None = None) -> None:
    """Create the migrated database that others are copied from, with an extension if one is given."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    finally:
        await connection.close()
    template = await asyncpg.connect(_dsn_of(dsn, _TEMPLATE))
    try:
        await migrate(template)
        if extension is not None:
            await template.execute(f"CREATE EXTENSION {extension}")
    finally:
        await template.close()


def _dsn_of(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def describe_machine(site: Site) -> dict[str, str]:
    """Return a description of the machine."""
    connection = await asyncpg.connect(site.server_dsn)
    try:
        version, fsync, commit = [
            str(await connection.fetchval(f"SHOW {name}")) for name in ("server_version", "fsync", "synchronous_commit")
        ]
    finally:
        await connection.close()
    return {
        "cores": str(os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "postgresql": version,
        "fsync": fsync,
        "synchronous_commit": commit,
    }
