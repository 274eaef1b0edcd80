"""The processes that `presswork up` forks before it needs them: one command each, nothing shared that must be secret."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.cli.program import PATIENCE_SECONDS, PROGRAM, environment, running_up

_FORK: Final = "from presswork.cli.run.prefork import preforked\n"
_FORK_AT_ONCE: Final = (
    "from presswork.cli.run import prefork\nprefork._MODULES, prefork._MODULES_IF_INSTALLED = (), {}\n" + _FORK
)
"""Without the modules of the parts: to load them takes a second, and these processes run no part."""


def _run(code: str, *, stderr: str = "") -> list[str]:
    """Run code in a new Python process, which has one thread, and return the lines that it and its forks printed."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, stderr)
    return done.stdout.splitlines()


@pytest.mark.exhaustive
def test_a_forked_process_runs_one_command_with_its_environment_and_files(tmp_path: Path) -> None:
    """The environment and the open file are those of the command, and the exit status arrives."""
    lines = _run(
        _FORK
        + f"""
import asyncio, os
with preforked(["one", "two"]) as forked, open({str(tmp_path / "file")!r}, "w") as file:
    environment = dict(os.environ, PRESSWORK_DATA_DIR={str(tmp_path / "data")!r})
    one = forked["one"].start(["config", "--json"], environment, ())
    print("status", asyncio.run(one.wait()))
    os.dup2(file.fileno(), 41)
    two = forked["two"].start(["api", "--fd", "41"], environment, (41,))
    print("status", asyncio.run(two.wait()))
""",
        stderr="Error: File descriptor 41 is not a socket. Pass the number of a listening socket to --fd.\n",
    )
    assert str(tmp_path / "data") in "".join(lines)
    assert lines[-2:] == ["status 0", "status 1"]


def test_a_process_without_a_command_ends_with_the_block() -> None:
    """Where `up` stops before it starts its parts, as with a wrong setting, no process is left."""
    lines = _run(
        _FORK_AT_ONCE
        + """
import os
with preforked(["one", "two"]) as forked:
    pids = [process.pid for process in forked.values()]
for pid in pids:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        print("gone")
"""
    )
    assert lines == ["gone", "gone"]


def test_a_process_without_a_command_ends_with_its_parent() -> None:
    """A parent that is killed before it sends a command leaves no process: the pipe that each holds is closed."""
    reading, writing = os.pipe()
    code = (
        _FORK_AT_ONCE + "import os, signal\nwith preforked(['one', 'two']):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with os.fdopen(reading) as held:
        subprocess.run(
            [sys.executable, "-P", "-c", code], env=environment(), pass_fds=[writing], timeout=60, check=False
        )
        os.close(writing)
        assert held.read() == ""  # the end of the file: no process has the other end


def test_nothing_is_forked_beside_a_thread() -> None:
    """A thread does not survive a fork, and may hold a lock at that time: the parts are started as programs then."""
    lines = _run(
        _FORK_AT_ONCE
        + """
import threading
wait = threading.Event()
threading.Thread(target=wait.wait).start()
with preforked(["one"]) as forked:
    print(len(forked))
wait.set()
"""
    )
    assert lines == ["0"]


@pytest.mark.exhaustive
def test_forked_processes_do_not_generate_the_same_ids() -> None:
    """No library has drawn random numbers before the fork that both processes would continue: all ids and secrets differ."""
    lines = _run(
        """
import os, random, secrets, uuid
from importlib import import_module
from presswork.cli.run import prefork
for module in prefork._MODULES:
    import_module(module)
from presswork.core.ids import new_id
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
for _ in range(2):
    if os.fork() == 0:
        for value in (new_id().hex[18:], new_id().hex[18:], random.random(), secrets.token_hex(8), uuid.uuid4(), AESGCM.generate_key(128)):
            os.write(1, f"{value}\\n".encode())
        os._exit(0)
for _ in range(2):
    os.wait()
"""
    )
    assert len(lines) == 12
    assert len(set(lines)) == 12


@pytest.mark.exhaustive
def test_the_parts_of_up_share_memory_and_a_restarted_one_is_a_new_program(tmp_path: Path) -> None:
    """API and worker share pages with `presswork up` and are named after their commands; a killed one starts anyway."""
    with running_up(tmp_path / "data") as up:
        for name in ("api", "worker"):
            part = up.part(name)
            assert part.cmdline()[0].startswith(f"presswork {name} ")
            rollup = Path(f"/proc/{part.pid}/smaps_rollup").read_text("ascii")
            sizes = {line.partition(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
            assert sizes["Shared_Dirty"] > sizes["Private_Dirty"] / 2
        worker = up.part("worker")
        worker.kill()
        worker.wait(PATIENCE_SECONDS)
        assert up.part("worker").cmdline()[:4] == list(PROGRAM)
