"""Run a cluster on one machine: PostgreSQL, API processes, workers and the sandbox, each a process that can be killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import psutil

from chaos.older import NoOlderVersion, OlderVersion, copy_sources, open_older
from chaos.pair import Pair, open_pair
from chaos.plan import Kind
from chaos.ports import free_port
from chaos.skewed import OFFSET
from chaos.volume import NEEDS_MOUNT, Volume, open_volume
from presswork.cli.sockets import listen_on, url_of

_STOP_SECONDS: Final = 15
_LISTENS_WITHIN: Final = timedelta(seconds=30)
_MEDIA_BYTES: Final = 4 * 1024**3
CALLS_ARRIVE_WITHIN: Final = timedelta(seconds=45)
"""Longer than the platform is ever stopped or slow in a run, as two minutes are for a real platform. A run on a machine too
busy to meet this is invalid; the ledger reports it."""


@dataclass(slots=True, kw_only=True)
class Part:
    """One process of the program, which can be restarted with the same arguments."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    passes: Sequence[int] = ()
    prefix: Sequence[str] = ()
    """Command prefix, such as `ip netns exec NAME`; it must exec the program."""
    process: "subprocess.Popen[bytes] | None" = None
    is_stopped: bool = False
    clock_offset: timedelta = timedelta()
    """Offset of its wall clock, from the next start on."""
    python_path: str = ""
    """Sources that come before those of the environment, from the next start on."""

    def start(self) -> None:
        """Start it, with its log in a separate file. While it runs, do nothing: two faults may have ended it."""
        if self.process is not None and self.process.poll() is None:
            return
        module, environment = "presswork.cli", dict(self.environment)
        if self.python_path:
            environment["PYTHONPATH"] = f"{self.python_path}:{environment['PYTHONPATH']}"
        if self.clock_offset:
            module, environment[OFFSET] = "chaos.skewed", str(self.clock_offset.total_seconds())
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  Presswork's command
                [*self.prefix, sys.executable, "-m", module, *self.arguments, "--parent", str(os.getpid())],
                env=environment,
                cwd=self.folder,
                pass_fds=self.passes,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.is_stopped = False

    @property
    def pid(self) -> int:
        """Return its process id. Raises RuntimeError before the start."""
        if self.process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self.process.pid

    @property
    def is_up(self) -> bool:
        """Whether it is running."""
        return not self.is_stopped and self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Send SIGKILL and wait for its end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Send SIGSTOP."""
        os.kill(self.pid, signal.SIGSTOP)
        self.is_stopped = True

    def resume(self) -> None:
        """Send SIGCONT."""
        if self.is_stopped:
            self.is_stopped = False
            os.kill(self.pid, signal.SIGCONT)

    def end(self) -> None:
        """Send SIGTERM, and SIGKILL after a time-out."""
        if self.process is None:
            return
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass(slots=True, kw_only=True)
class Cluster:
    """The parts of a cluster. The API processes share one listening socket, as behind a load balancer."""

    folder: Path
    dsn: str = field(repr=False)
    url: str
    sandbox_url: str
    apis: Sequence[Part]
    workers: Sequence[Part]
    sandbox: Part
    environment: Mapping[str, str] = field(repr=False)
    pair: Pair
    media: Volume | None = None
    """The disk of the media and of the temporary files, where this system permits to mount one."""
    older: OlderVersion | None = None
    """The version that runs beside this one during an upgrade."""
    left_out: Mapping[Kind, str] = field(default_factory=dict)
    """Faults that can't be injected here, and why."""

    def admin(self, *arguments: str) -> Mapping[str, object]:
        """Run an administration command with `--json` and return its output."""
        done = subprocess.run(  # noqa: S603  Presswork's command
            [sys.executable, "-m", "presswork.cli", *arguments, "--json"],
            env=dict(self.environment),
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"presswork {arguments[0]}: {done.stderr.decode()}")
        found: Mapping[str, object] = json.loads(done.stdout)
        return found

    @property
    def sandbox_state(self) -> Path:
        """Return the sandbox's state file."""
        return self.folder / "sandbox" / "sandbox.sqlite3"

    @property
    def parts(self) -> Sequence[Part]:
        """Return all parts except PostgreSQL."""
        return [self.sandbox, *self.apis, *self.workers]

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run all parts within a block."""
        try:
            for one in self.parts:
                one.start()
            yield
        finally:
            for one in reversed(self.parts):
                one.end()


def base_environment() -> dict[str, str]:
    """Return the environment that every part needs, without this process's settings."""
    left_out = ("PRESSWORK_", "PYTHONDONTWRITEBYTECODE")  # without bytecode, each restart compiles a thousand modules
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return kept | {"PRESSWORK_HOST": "127.0.0.1", "PRESSWORK_LOG_FORMAT": "json", "PRESSWORK_MEDIA_PROCESSES": "1"}


def freeze(postgres: int) -> Sequence[psutil.Process]:
    """Suspend all PostgreSQL processes and return them."""
    frozen = []
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(postgres)
        for process in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                process.suspend()
                frozen.append(process)
    return frozen


def thaw(frozen: Sequence[psutil.Process]) -> None:
    """Resume suspended processes."""
    for process in frozen:
        with contextlib.suppress(psutil.Error):
            process.resume()


def _wait_for(server: Part, port: int) -> None:
    """Wait until a server listens on its port. Raises RuntimeError if it ends, OSError if it does not listen in time."""
    until = time.monotonic() + _LISTENS_WITHIN.total_seconds()
    while True:
        if not server.is_up:
            raise RuntimeError(f"the {server.name} has ended; {server.name}.log in {server.folder} says why")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.05)
        else:
            return


def _port_of(listener: socket.socket) -> str:
    return str(listener.getsockname()[1])


def _older(folder: Path, commit: str | None, left_out: dict[Kind, str]) -> OlderVersion | None:
    try:
        return open_older(folder, commit)
    except NoOlderVersion as reason:
        if commit is not None:
            raise
        left_out[Kind.ROLL] = str(reason)
        return None


@contextlib.contextmanager
def open_cluster(
    folder: Path, *, lease: timedelta, apis: int = 2, workers: int = 3, older: str | None = None
) -> Iterator[Cluster]:
    """Run a cluster in an empty folder within a block, and stop all of its processes at the end.

    `older` is the commit of the other version of a rolling upgrade; see `open_older` for the default and for what it raises.
    """
    left_out: dict[Kind, str] = {}
    version = _older(folder / "older", older, left_out)
    with (
        open_pair() as pair,
        open_volume(folder / "media", _MEDIA_BYTES) as media,
        listen_on("127.0.0.1", 0) as listener,
    ):
        if media is None or pair.primary.volume is None:
            left_out |= dict.fromkeys((Kind.FULL_DATABASE, Kind.FULL_MEDIA), NEEDS_MOUNT)
        sandbox_port = free_port()
        sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        (folder / "media" / "temporary").mkdir()
        shared = base_environment() | {
            "PYTHONPATH": copy_sources(folder / "this"),
            "PRESSWORK_DATABASE_URL": pair.dsn(),
            "PRESSWORK_DATA_DIR": str(folder),
            "PRESSWORK_MEDIA_STORE": str(folder / "media" / "store"),
            "PRESSWORK_SANDBOX_URL": f"{sandbox_url}/sandbox",
            "PRESSWORK_PORT": _port_of(listener),
            "PRESSWORK_WORKER_LEASE": str(lease.total_seconds()),
            "PRESSWORK_REPUBLISH_AFTER_TEST": str(CALLS_ARRIVE_WITHIN.total_seconds()),
        }
        on_disk = shared | {"TMPDIR": str(folder / "media" / "temporary")}

        def part(name: str, *arguments: str, passes: Sequence[int] = ()) -> Part:
            environment = shared if name == "sandbox" else on_disk  # a full disk is Presswork's, not the platforms'
            return Part(name=name, arguments=arguments, environment=environment, folder=folder, passes=passes)

        number = listener.fileno()
        cluster = Cluster(
            folder=folder,
            dsn=f"{pair.dsn()}?target_session_attrs=read-write",
            url=url_of(listener),
            sandbox_url=f"{sandbox_url}/sandbox",
            apis=[part(f"api-{n + 1}", "api", "--fd", str(number), passes=[number]) for n in range(apis)],
            workers=[part(f"worker-{n + 1}", "worker") for n in range(workers)],
            sandbox=part("sandbox", "sandbox", "--port", str(sandbox_port)),
            environment=shared,
            pair=pair,
            media=media,
            older=version,
            left_out=left_out,
        )
        cluster.admin("migrate")
        with cluster.running():
            _wait_for(cluster.sandbox, sandbox_port)
            yield cluster
