"""Run a PostgreSQL primary and a standby that can be promoted."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import psutil

from chaos.ports import free_port
from chaos.volume import Volume, open_volume
from presswork.db.embedded import server_binaries
from presswork.db.embedded.account import Account, child_command, child_environment, plan_for, programs_for
from presswork.db.embedded.binaries import Binaries
from presswork.db.embedded.child import FOLDER
from presswork.db.embedded.processes import until

_NAME: Final = "presswork"
_SETTINGS: Final = (
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
    "shared_buffers=32MB",
    "max_connections=200",
    "max_wal_size=256MB",
    "wal_keep_size=1GB",  # a standby whose disk was full for seconds catches up
    "wal_retrieve_retry_interval=500ms",  # the standby's own wait, which delays commits
)
_DISK_BYTES: Final = 8 * 1024**3
_READY_WITHIN: Final = timedelta(seconds=2)
_IS_SYNCHRONOUS: Final = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"
_STOP_SECONDS: Final = 20
_NO_CONNECTION: Final = 2
"""psql's exit status if the server does not accept connections, or closed this one."""


@dataclass(slots=True, kw_only=True)
class Server:
    """One server on a local port."""

    name: str
    port: int
    volume: Volume | None = None
    """The disk with its data, where this system permits to mount one."""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> str:
        """Return its data folder, below the folder of the pair."""
        return f"{self.name}/data"

    @property
    def has_ended(self) -> bool:
        """Whether it was started and is not running."""
        return self.process is not None and self.process.poll() is not None


@dataclass(slots=True, kw_only=True)
class Pair:
    """Both servers. As root they run as user `nobody`, since PostgreSQL refuses to run as root."""

    folder: Path
    password: str = field(repr=False)
    is_synchronous: bool
    _account: Account = field(repr=False)
    _binaries: Binaries = field(repr=False)
    primary: Server
    standby: Server

    def dsn(self, *ports: int, host: str = "127.0.0.1") -> str:
        """Return the database URL with these ports, or with those of both servers."""
        hosts = ",".join(f"{host}:{port}" for port in ports or (self.primary.port, self.standby.port))
        return f"postgresql://{_NAME}:{self.password}@{hosts}/{_NAME}"

    def make(self) -> None:
        """Create and start both. If the pair is synchronous, each commit waits for the standby's disk."""
        (self.folder / "password").write_text(self.password)
        (self.folder / "password").chmod(0o644)
        at = f"{FOLDER}/{self.primary.data}"
        self._run(
            "initdb",
            "-D",
            at,
            "-U",
            _NAME,
            "--auth=scram-sha-256",
            f"--pwfile={FOLDER}/password",
            "--encoding=UTF8",
            "--no-sync",
        )
        self.start(self.primary, until_ready=False)
        self.psql(self.primary, f"CREATE DATABASE {_NAME}", database="postgres")
        self._copy_to_standby()

    def _copy_to_standby(self) -> None:
        """Make the standby's data from the primary's, and start it. Until it runs, no commit waits for it."""
        copy = ("-D", f"{FOLDER}/{self.standby.data}", "-R", "-c", "fast", "--no-sync")
        self._run("pg_basebackup", *copy, "-h", "127.0.0.1", "-p", str(self.primary.port), "-U", _NAME)
        self.start(self.standby)
        if self.is_synchronous:
            # In double quotes, since FIRST is a keyword there and `first` a server's name.
            names = f"ALTER SYSTEM SET synchronous_standby_names = '\"{self.standby.name}\"'"
            self.psql(self.primary, names, "SELECT pg_reload_conf()")

    def start(self, server: Server, *, until_ready: bool = True) -> None:
        """Start a server."""
        argv = ["postgres", "-D", f"{FOLDER}/{server.data}", "-p", str(server.port)]
        for setting in (f"cluster_name={server.name}", *_SETTINGS):
            argv += ["-c", setting]
        with (self.folder / f"{server.name}.log").open("ab") as log:
            server.process = subprocess.Popen(  # noqa: S603  PostgreSQL, with fixed arguments
                self._command(*argv), stdout=log, stderr=log, cwd="/", env=self._environment()
            )
        if until_ready:
            self.psql(server, "SELECT 1")

    def restart(self, server: Server) -> None:
        """Restart a server as a service manager does."""
        self.stop(server, signal.SIGINT)
        self.start(server, until_ready=False)

    def stop(self, server: Server, number: signal.Signals) -> None:
        """Stop a server: with SIGINT cleanly, with SIGKILL as when its machine fails."""
        if server.process is None or server.process.poll() is not None:
            return
        server.process.send_signal(number)
        server.process.wait(_STOP_SECONDS)

    def promote(self) -> None:
        """Make the standby the primary."""
        self.psql(self.standby, "SELECT pg_promote(true, 60)")

    def kill(self, server: Server) -> None:
        """Kill every process of a server at once, as when its machine loses power."""
        if server.process is None or server.has_ended:
            return
        parent = psutil.Process(server.process.pid)
        for process in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                process.kill()
        server.process.wait(_STOP_SECONDS)

    @property
    def can_fail_over(self) -> bool:
        """Whether each commit of the primary is on the standby."""
        with contextlib.suppress(RuntimeError):
            return self.psql(self.primary, _IS_SYNCHRONOUS, within=_READY_WITHIN) == "1"
        return False

    def fail_over(self) -> None:
        """Make the standby the primary of this pair, after the primary was killed."""
        self.promote()
        self.primary, self.standby = self.standby, self.primary

    def renew_standby(self) -> None:
        """Make the former primary the standby, with a new copy of the data."""
        shutil.rmtree(self.folder / self.standby.data)
        self._copy_to_standby()

    def psql(self, server: Server, *statements: str, database: str = _NAME, within: timedelta | None = None) -> str:
        """Run statements as soon as the server accepts connections, and return their output.

        Raises RuntimeError if one fails, or if the server does not accept connections `within` a time.
        """
        argv = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(server.port)]
        argv += ["-U", _NAME, "-d", database]
        for statement in statements:
            argv += ["-c", statement]
        done: list[subprocess.CompletedProcess[str]] = []

        def connects() -> bool:
            done.append(self._execute("psql", *argv))
            return done[-1].returncode != _NO_CONNECTION

        if not until(connects, within=within):
            raise RuntimeError(f"{server.name} does not accept connections")
        return _output(done[-1]).strip()

    def _run(self, *argv: str) -> str:
        return _output(self._execute(*argv))

    def _execute(self, *argv: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603  PostgreSQL's programs, with fixed arguments
            self._command(*argv), capture_output=True, text=True, cwd="/", env=self._environment(), check=False
        )

    def _command(self, program: str, *arguments: str) -> Sequence[str]:
        argv = [str(self._binaries.bin_dir / program), *arguments]
        return child_command(plan_for(self.folder, self._account, argv))

    def _environment(self) -> Mapping[str, str]:
        return child_environment() | {"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "5"}


def _output(done: "subprocess.CompletedProcess[str]") -> str:
    if done.returncode:
        raise RuntimeError(f"{Path(done.args[0]).name}: {done.stdout}{done.stderr}")
    return done.stdout


def _account(folder: Path) -> Account:
    """Return the user that runs the servers: this process's user, or `nobody` instead of root."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


@contextlib.contextmanager
def open_pair(*, is_synchronous: bool = True) -> Iterator[Pair]:
    """Run a primary and a standby within a block, and remove them at the end."""
    folder = Path(tempfile.mkdtemp(prefix="presswork-pair-"))
    account = _account(folder)
    pair = Pair(
        folder=folder,
        password=secrets.token_hex(16),
        is_synchronous=is_synchronous,
        _account=account,
        _binaries=programs_for(account, server_binaries()),
        primary=Server(name="first", port=free_port()),
        standby=Server(name="second", port=free_port()),
    )
    try:
        with contextlib.ExitStack() as stack:
            for server in (pair.primary, pair.standby):
                server.volume = stack.enter_context(open_volume(folder / server.name, _DISK_BYTES))
                os.chown(folder / server.name, account.uid, account.gid)
            try:
                pair.make()
                yield pair
            finally:
                for server in (pair.primary, pair.standby):
                    pair.stop(server, signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
