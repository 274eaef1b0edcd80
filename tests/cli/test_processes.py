"""A child does not outlive its parent, on any system."""

import os
import signal
import subprocess
import sys
from typing import Final

import psutil
import pytest

_WITHIN: Final = 20
_CHILD: Final = "import os, sys, signal; from presswork.cli.run.processes import {way}; {way}({parent}); print('ready', os.getpid(), flush=True); signal.pause()"
_PARENT: Final = (
    "import os, signal, subprocess, sys; "
    "subprocess.Popen([sys.executable, '-c', {child!r}.replace('PARENT', str(os.getpid()))]); signal.pause()"
)


@pytest.mark.parametrize("way", ["die_with", "watch_parent"])
def test_child_ends_when_its_parent_is_killed(way: str) -> None:
    """A parent that is killed with -9 takes its child along."""
    code = _PARENT.format(child=_CHILD.format(way=way, parent="PARENT"))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline().split()[1]))
        parent.kill()
        parent.wait(_WITHIN)
        assert parent.stdout.read() == ""  # comes back when the child's end of the pipe closes
        child.wait(_WITHIN)


def test_child_of_a_parent_that_is_gone_ends_at_once() -> None:
    """A child that starts after its parent's death does not begin."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD.format(way="die_with", parent=1)],
        capture_output=True,
        timeout=_WITHIN,
        check=False,
    )
    assert (done.returncode, done.stdout) == (70, b"")


def test_sigterm_leaves_blocks_in_order() -> None:
    """Before a loop takes signals over, SIGTERM unwinds the program as Ctrl-C does."""
    code = (
        "import signal; from presswork.cli.run.processes import stop_as_interrupt; stop_as_interrupt()\n"
        "try:\n print('ready', flush=True); signal.pause()\nexcept KeyboardInterrupt:\n pass\nfinally:\n print('left')"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        assert process.stdout.read() == "left\n"


def test_what_a_set_up_process_holds_is_left_alone_by_the_collector() -> None:
    """A process that has loaded the program and says so has all of it out of the collector's way."""
    program = "import gc, presswork.api.app; from presswork.cli.run.processes import set_up_memory; set_up_memory(); print(gc.get_freeze_count())"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(told.stdout) > 50_000
