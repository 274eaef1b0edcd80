"""Run the command line as real processes, and wait for what they do."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

PROGRAM: Final = (sys.executable, "-P", "-m", "presswork.cli")
PATIENCE_SECONDS: Final = 60
"""How long a test waits for what should happen at once."""
_SILENT_SECONDS: Final = 100
"""How long a test reads the output of a process. The time-out of pytest is longer: it ends the whole test process."""
DEMO_SECONDS: Final = 500
"""The same for a demo; the time-out of its test is longer, too."""


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of this process with these Presswork settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWORK_")}
    return kept | {f"PRESSWORK_{name.upper()}": value for name, value in settings.items()}


def until(condition: Callable[[], bool], *, within: float = PATIENCE_SECONDS) -> bool:
    """Poll until the condition holds. Return False after a time-out."""
    never = threading.Event()
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            return False
        never.wait(0.02)
    return True


@contextmanager
def killed_if_silent(  # Any: text or bytes
    process: "subprocess.Popen[Any]", within: float = _SILENT_SECONDS
) -> Iterator[None]:
    """Kill a process that does not end the block in time, which reads its output: the test fails instead of waiting without end."""
    timer = threading.Timer(within, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def all_gone(processes: Sequence[psutil.Process]) -> bool:
    """Return whether no process runs; a zombie counts as gone."""
    return not [process for process in processes if _is_alive(process)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The result of a command that has ended."""

    status: int
    stdout: str
    stderr: str


class CommandProcess:
    """A process that runs commands one after the other; see command_process.py."""

    def __init__(self) -> None:
        """Start the process."""
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("command_process.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: Sequence[str], *, environment: Mapping[str, str], cwd: Path) -> Done:
        """Run a command until it ends. If it does not end, fail, and run the next one in a new process."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        request = {"arguments": list(arguments), "environment": dict(environment), "cwd": str(cwd)}
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        with killed_if_silent(process):
            line = process.stdout.readline()
        if not line:
            self.close()
            self._process = self._start()
            raise AssertionError(f"`presswork {' '.join(arguments)}` has ended its process, or did not end")
        reply = json.loads(line)
        return Done(status=reply["status"], stdout=reply["stdout"], stderr=reply["stderr"])

    def close(self) -> None:
        """End the process."""
        with self._process:
            pass


@dataclass(frozen=True, slots=True)
class Presswork:
    """The `presswork` command with a data folder and a working folder."""

    command_process: CommandProcess
    data_dir: Path
    cwd: Path
    settings: Mapping[str, str]

    def run(self, *arguments: str, **settings: str) -> Done:
        """Run a command until it ends."""
        self.cwd.mkdir(exist_ok=True)
        given = {"data_dir": str(self.data_dir), **self.settings, **settings}
        return self.command_process.run(arguments, environment=environment(**given), cwd=self.cwd)

    def json(self, *arguments: str, **settings: str) -> Any:  # Any: whatever JSON document the command prints
        """Run a command with --json and return its output. Assert that it succeeds."""
        done = self.run(*arguments, "--json", **settings)
        assert done.status == 0, done.stderr
        return json.loads(done.stdout)


@dataclass(frozen=True, slots=True)
class Up:
    """A running `presswork up`."""

    process: subprocess.Popen[str]
    data_dir: Path
    url: str
    log: Path
    printed: Mapping[str, str] = field(default_factory=dict)
    """What it printed, by name in lower case."""

    def part(self, name: str) -> psutil.Process:
        """Return the child process of a part, such as `api`."""
        found: list[psutil.Process] = []

        def is_there() -> bool:
            found[:] = [child for child in self.children() if name in arguments_of(child)]
            return len(found) == 1

        assert until(is_there), f"no {name} runs"
        return found[0]

    def children(self) -> list[psutil.Process]:
        """Return all its descendant processes."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


def arguments_of(process: psutil.Process) -> list[str]:
    """Return the words of the command of a process; none when it has ended, as a listed process may at any time."""
    try:
        return " ".join(process.cmdline()).split()  # a forked part shows its command as one text
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@contextmanager
def running_up(data_dir: Path, *arguments: str, program: Sequence[str] = PROGRAM, **settings: str) -> Iterator[Up]:
    """Run `presswork up` on a free port until the block ends. `program` is the command `presswork`."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    log = data_dir.with_name(f"{data_dir.name}-up.log")
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            [*program, "up", "--port", "0", "--data-dir", str(data_dir), *arguments],
            env=environment(**settings),
            cwd=data_dir.parent,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    try:
        printed = []
        with killed_if_silent(process):
            for line in process.stdout:
                printed.append(line)
                if line.startswith("Presswork is up"):
                    break
        assert printed, log.read_text()
        assert printed[-1].startswith("Presswork is up"), log.read_text()
        (url,) = (line.split()[1] for line in printed if line.startswith("API:"))
        names = (line.rstrip("\n").partition(": ") for line in printed)
        yield Up(process, data_dir, url, log, {name.lower(): text for name, _, text in names})
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(PATIENCE_SECONDS)
        process.stdout.close()


def demo(*options: str) -> Done:
    """Run `presswork demo` until it ends."""
    done = subprocess.run(
        [*PROGRAM, "demo", *options],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        check=False,
    )
    return Done(status=done.returncode, stdout=done.stdout, stderr=done.stderr)


@contextmanager
def kept_demo(folder: Path, *options: str) -> Iterator[str]:
    """Run `presswork demo --keep` in a folder and yield its output; its server runs until the block ends.

    Then assert that Ctrl-C ends it with status 0 and leaves no process and no folder.
    """
    with subprocess.Popen(
        [*PROGRAM, "demo", *options, "--keep"],
        env=environment(database_url="postgresql://127.0.0.1:1/not-used") | {"TMPDIR": str(folder)},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            printed = []
            with killed_if_silent(process, DEMO_SECONDS):
                for line in process.stdout:
                    printed.append(line)
                    if line.startswith("Everything keeps running"):
                        break
            yield "".join(printed)
            processes = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_SECONDS) == 0
            assert all_gone(processes)
            assert not list(folder.glob("presswork-demo-*"))
        finally:
            process.kill()


def urls_of_feeds(text: str) -> list[str]:
    """Return the sandbox URLs that a demo prints."""
    return re.findall(r"http://\S+/sandbox/\S+", text)


def url_of_demo(text: str) -> str:
    """Return the URL of the server that a demo prints."""
    (url,) = set(re.findall(r"Presswork is up at (http://\S+)", text))
    return str(url)
