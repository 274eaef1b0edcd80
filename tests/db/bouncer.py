"""Run a real PgBouncer in front of a test's database: the installed one, or Debian's package, unpacked without root."""

import asyncio
import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from chaos.link import open_link
from chaos.ports import free_port
from tests.cli.program import until

_PLACE: Final = Path(sys.prefix, "pgbouncer")
_PATH: Final = os.pathsep.join(
    (os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")
)
_HOW: Final = (
    "These tests need PgBouncer 1.21 or newer. Install it (`apt-get install pgbouncer`, `brew install pgbouncer`), then run "
    "them again. Downloading Debian's package failed: "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Path of PgBouncer, and the environment variables that it needs."""

    path: str
    environment: Mapping[str, str]


def find_program() -> Program:
    """Return PgBouncer; download it once if it is not installed. Raises RuntimeError that says what to do."""
    if installed := shutil.which("pgbouncer", path=_PATH):
        return Program(path=installed, environment={})
    _PLACE.mkdir(exist_ok=True)
    with (_PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (_PLACE / "root/usr/sbin/pgbouncer").exists():
            _fetch()
    libraries = sorted({str(file.parent) for file in (_PLACE / "root").rglob("*.so.*")})
    return Program(
        path=str(_PLACE / "root/usr/sbin/pgbouncer"), environment={"LD_LIBRARY_PATH": os.pathsep.join(libraries)}
    )


def _fetch() -> None:
    """Unpack the package and its libraries, with separate package lists, so that no root permission is needed."""
    state, draft = _PLACE / "apt", _PLACE / "draft"
    for folder in (state / "lists/partial", _PLACE / "packages", draft):
        folder.mkdir(parents=True, exist_ok=True)
    own = ["-o", f"Dir::State::lists={state}/lists", "-o", f"Dir::Cache={state}", "-o", "APT::Sandbox::User="]
    packages = _PLACE / "packages"
    try:
        _run(["apt-get", *own, "-qq", "update"], packages)
        listed = _run(["apt-cache", *own, "depends", "pgbouncer"], packages)
        libraries = [name for name in re.findall(r"Depends: (lib[\w.+-]+)", listed) if name != "libc6"]
        _run(["apt-get", *own, "-qq", "download", "pgbouncer", *libraries], packages)
        for package in packages.glob("*.deb"):
            _run(["dpkg", "-x", str(package), str(draft)], packages)
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"{_HOW}{error}") from error
    draft.rename(_PLACE / "root")


def _run(argv: Sequence[str], cwd: Path) -> str:
    done = subprocess.run(argv, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(argv[:1])} said {done.stdout.strip()!r}")
    return done.stdout


@asynccontextmanager
async def bouncing(folder: Path, dsn: str, *, keeps: int, connections: int = 2) -> AsyncIterator[str]:
    """Start a PgBouncer in transaction mode in front of a database and yield its URL.

    `keeps` is its `max_prepared_statements` per server connection; 0: it does not track them.
    """
    program = find_program()
    url = urlsplit(dsn)
    port = free_port()
    name = url.path.lstrip("/")
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": "transaction",
        "default_pool_size": connections,
        "max_prepared_statements": keeps,
        "server_round_robin": 1,  # so that a session uses another server connection each time
    }
    if os.geteuid() == 0:
        settings["user"] = "nobody"  # it refuses to run as root
    async with open_link(partial(asyncio.open_unix_connection, socket_of(dsn))) as link:
        target = f"host=127.0.0.1 port={link.port} user={url.username} password={unquote(str(url.password))}"
        lines = [
            "[databases]",
            f"{name} = dbname={name} {target}",
            "[pgbouncer]",
            *(f"{key} = {value}" for key, value in settings.items()),
        ]
        file = folder / f"pgbouncer-{port}.ini"
        file.write_text("\n".join(lines) + "\n")
        with file.with_suffix(".log").open("w") as log:
            process = subprocess.Popen(  # noqa: ASYNC220  it only starts the process
                [program.path, str(file)], env=os.environ | program.environment, cwd="/", stdout=log, stderr=log
            )
        try:
            assert until(lambda: process.poll() is not None or _listens(port)), "PgBouncer did not start"
            assert process.poll() is None, file.with_suffix(".log").read_text()
            yield f"postgresql://{url.username}@127.0.0.1:{port}/{name}"
        finally:
            process.kill()
            process.wait()


def socket_of(dsn: str) -> str:
    """Return the Unix socket of the server of a URL."""
    return f"{parse_qs(urlsplit(dsn).query)['host'][-1]}/.s.PGSQL.5432"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
