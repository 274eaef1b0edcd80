"""Processes: a child does not outlive its parent, SIGTERM unwinds blocks, and set-up freezes the garbage collector."""

import os
import signal
import socket
import subprocess
import sys
from typing import Final

import psutil
import pytest
from tests.cli.program import PATIENCE_SECONDS, killed_if_silent

from presswork.cli.sockets import inherited

_CHILD: Final = "import os, sys, signal; from presswork.cli.run.processes import {function}; {function}({parent}); print('ready', os.getpid(), flush=True); signal.pause()"
_PARENT: Final = (
    "import os, signal, subprocess, sys; "
    "subprocess.Popen([sys.executable, '-c', {child!r}.replace('PARENT', str(os.getpid()))]); signal.pause()"
)


@pytest.mark.parametrize("function", ["die_with", "watch_parent"])
def test_child_ends_when_its_parent_is_killed(function: str) -> None:
    """The child of a parent that is killed with SIGKILL ends."""
    code = _PARENT.format(child=_CHILD.format(function=function, parent="PARENT"))
    with (
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent,
        killed_if_silent(parent),
    ):
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline().split()[1]))
        parent.kill()
        parent.wait(PATIENCE_SECONDS)
        assert parent.stdout.read() == ""  # returns when the child closes its end of the pipe
        child.wait(PATIENCE_SECONDS)


def test_the_child_of_a_dead_parent_does_not_start() -> None:
    """A child that starts after the death of its parent exits with 70 before it does anything."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD.format(function="die_with", parent=1)],
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (70, b"")


def test_a_listening_socket_is_not_passed_on() -> None:
    """A child that decodes a hostile file does not get the socket on which the API accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = os.dup(listener.fileno())
        os.set_inheritable(number, True)
        with inherited(number) as own:
            assert not own.get_inheritable()


def test_sigterm_runs_finally_blocks() -> None:
    """Before an event loop handles signals, SIGTERM unwinds the program as Ctrl-C does."""
    code = (
        "import signal; from presswork.cli.own_process import stop_as_interrupt; stop_as_interrupt()\n"
        "try:\n print('ready', flush=True); signal.pause()\nexcept KeyboardInterrupt:\n pass\nfinally:\n print('left')"
    )
    with (
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process,
        killed_if_silent(process),
    ):
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        assert process.stdout.read() == "left\n"


def test_set_up_memory_leaves_the_program_alone() -> None:
    """After set_up_memory the garbage collector ignores the objects of the loaded program, and looks at new ones less often."""
    program = (
        "import gc; from presswork.cli.run.processes import set_up_memory; loaded = [[] for _ in range(50_000)]; set_up_memory(); "
        "print(gc.get_freeze_count(), gc.get_threshold()[0])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    frozen, threshold = map(int, done.stdout.split())
    assert frozen > 50_000
    assert threshold >= 10_000
