"""Fixtures: processes that use the embedded server, and queries to it."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import asyncpg
import pytest

import presswork
from presswork.db.embedded import embedded_server, server_binaries
from presswork.db.embedded.folder import find_folder
from presswork.db.embedded.processes import processes_of, until

collect_ignore = [] if os.geteuid() == 0 and sys.platform == "linux" else ["test_embedded_root.py"]
PATIENCE: Final = timedelta(seconds=60)
_STARTED: Final = ("database server started", "database server restarted")
PROGRAM: Final = """
import json, sys
from pathlib import Path
order = json.loads(sys.argv[1])
sys.path[:0] = [*order["path"], order["here"]]
import unprivileged
for capability in order["without"]:
    unprivileged.drop_capability(capability)
if order["become"]:
    unprivileged.become(**order["become"])
import structlog
structlog.configure(
    processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(sys.stderr)
)
if order["cache"]:
    from presswork.db.embedded import account
    account.programs_for.__kwdefaults__["cache"] = Path(order["cache"])
from presswork.db.embedded import DatabaseUnavailable, embedded_server
try:
    with embedded_server(Path(order["data_dir"])) as server:
        print(json.dumps({"dsn": server.dsn, "is_owner": server.is_owner}), flush=True)
        for line in sys.stdin:
            print(json.dumps({"dsn": server.dsn, "is_owner": server.is_owner}), flush=True)
except DatabaseUnavailable as error:
    print(json.dumps({"refusal": error.message}), flush=True)
"""


@dataclass
class User:
    """A process that uses the embedded server until its standard input is closed."""

    process: subprocess.Popen[str]
    log: Path
    dsn: str = ""
    refusal: str = ""
    was_owner: bool = False

    def read_answer(self) -> "User":
        """Wait until the process uses the server or has failed."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        answer = json.loads(line)
        self.dsn = answer.get("dsn", "")
        self.refusal = answer.get("refusal", "")
        self.was_owner = answer.get("is_owner", False)
        return self

    @property
    def is_owner(self) -> bool:
        """Return whether the process owns the server now."""
        assert self.process.stdin is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return self.read_answer().was_owner

    def leave(self) -> None:
        """Stop the process gracefully, and wait for its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE.total_seconds()) == 0, self.log.read_text()

    def kill(self) -> None:
        """Kill the process with SIGKILL."""
        self.process.kill()
        self.process.wait()

    def lines(self) -> list[dict[str, object]]:
        """Return the log of the process."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def server_pid(self) -> int:
        """Return the process id of the latest postmaster that it started."""
        pids = [line["pid"] for line in self.lines() if line["event"] in _STARTED]
        assert isinstance(pids[-1], int)
        return pids[-1]

    def close(self) -> None:
        """Clean up at the end of a test."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@dataclass
class Users:
    """Starts processes that use the embedded server of one data folder, with the same options."""

    place: Path
    become: Mapping[str, object] | None = None  # arguments of `unprivileged.become`
    cache: Path | None = None  # instead of /var/cache/presswork
    path: Sequence[Path] = ()
    without: Sequence[int] = ()
    started: list[User] = field(default_factory=list)

    def begin(self, data_dir: Path) -> User:
        """Start a process without waiting."""
        order = {
            "data_dir": str(data_dir),
            "here": str(Path(__file__).parent),
            "become": self.become,
            "cache": str(self.cache) if self.cache else None,
            "path": [str(folder) for folder in self.path],
            "without": list(self.without),
        }
        log = self.place / f"user{len(self.started)}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                cwd="/",
            )
        self.started.append(User(process=process, log=log))
        return self.started[-1]

    def come(self, data_dir: Path) -> User:
        """Start a process and wait until it uses the server or has failed."""
        return self.begin(data_dir).read_answer()


@pytest.fixture
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    """Processes with the user of the test."""
    users = Users(place=tmp_path_factory.mktemp("users"))
    yield users
    for user in users.started:
        user.close()


@pytest.fixture(scope="session")
def made_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after its first start, for copying only."""
    data = tmp_path_factory.mktemp("made") / "data"
    with embedded_server(data):
        pass
    return data


@pytest.fixture
def home(tmp_path: Path, made_data: Path) -> Iterator[Path]:
    """A data folder with a cluster; fails if a server process is left after the test."""
    home = tmp_path / "home"
    shutil.copytree(made_data, home)
    yield home
    check_nothing_runs(home)


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Path]:
    """A data folder that does not exist yet, with the same check at the end."""
    home = tmp_path / "home"
    yield home
    check_nothing_runs(home)


def check_nothing_runs(home: Path) -> None:
    folder = find_folder(home)
    assert folder is not None
    assert until(lambda: not processes_of(folder), within=PATIENCE)


@pytest.fixture
def ask() -> Callable[..., object]:
    """Run one statement on a new connection and return its first value."""

    def ask(dsn: str, statement: str) -> object:
        async def run() -> object:
            connection = await asyncpg.connect(dsn, timeout=PATIENCE.total_seconds())
            try:
                return await connection.fetchval(statement)
            finally:
                await connection.close()

        return asyncio.run(run())

    return ask


@pytest.fixture
def ask_again(ask: Callable[..., object]) -> Callable[..., object]:
    """Like `ask`, but retries until the server is back, as a pool does."""

    def ask_again(dsn: str, statement: str) -> object:
        answers: list[object] = []

        def succeeds() -> bool:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                answers.append(ask(dsn, statement))
            return bool(answers)

        assert until(succeeds, within=PATIENCE)
        return answers[0]

    return ask_again


@pytest.fixture
def passage() -> Iterator[Path]:
    """A folder that every user can enter, with a subfolder that only its owner can enter."""
    passage = Path(tempfile.mkdtemp(dir="/tmp"))
    passage.chmod(0o755)
    (passage / "closed").mkdir(mode=0o700)
    (passage / "open").mkdir(mode=0o755)
    yield passage
    shutil.rmtree(passage)


@pytest.fixture
def plain_users(users: Users, passage: Path) -> Users:
    """Processes of an unprivileged user, who has access to the programs and the folder `mine`."""
    mine = passage / "mine"
    mine.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(mine, nobody.pw_uid, nobody.pw_gid)
        source = Path(presswork.__file__).parents[1]
        programs = server_binaries().bin_dir.parents[2]
        needed = [Path(sys.base_prefix), Path(sys.prefix), source, programs, Path(__file__).parent, mine]
        users.become = {"uid": nobody.pw_uid, "gid": nobody.pw_gid, "needed": [str(path) for path in needed]}
    return users
