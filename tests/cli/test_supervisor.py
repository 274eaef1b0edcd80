"""The process supervisor restarts children that die, stops them in order, and leaves none behind."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import psutil
import pytest
from tests.cli.program import PATIENCE_SECONDS

from presswork.cli.run.supervisor import MAX_QUICK_FAILURES, Child, ChildKeepsDying, ProcessSupervisor

# Writes its process id to a pipe for the test, then runs the code.
_REPORT: Final = "import os, signal, sys; os.write({fd}, b'%d\\n' % os.getpid()); "
_WAIT: Final = "signal.pause()"
_EXIT_ON_SIGTERM: Final = "import os, signal, sys; signal.signal(signal.SIGTERM, lambda *_: (os.write({fd}, b'-%d\\n' % os.getpid()), sys.exit(0))); "
_IGNORE_SIGTERM: Final = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


class Reports:
    """Reads what children write into a pipe."""

    def __init__(self) -> None:
        """Create the pipe."""
        self._reading, self.fd = os.pipe()
        self._rest = b""

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._reading)
        os.close(self.fd)

    async def next(self) -> int:
        """Wait for the next line and return it: a process id, negative once that process got SIGTERM."""
        while b"\n" not in self._rest:
            self._rest += await asyncio.wait_for(asyncio.to_thread(os.read, self._reading, 100), PATIENCE_SECONDS)
        line, _, self._rest = self._rest.partition(b"\n")
        return int(line)


@pytest.fixture
def reports() -> Iterator[Reports]:
    """A pipe that children write to."""
    reports = Reports()
    yield reports
    reports.close()


@pytest.fixture
def child(reports: Reports) -> Callable[..., Child]:
    """Creates children that write their process id and then run a line of Python."""

    def make(code: str, *, name: str = "part", stops_within: float = PATIENCE_SECONDS) -> Child:
        return Child(
            name=name,
            argv=[sys.executable, "-I", "-S", "-c", code.format(fd=reports.fd), name],
            environment=os.environ,
            fds=(reports.fd,),
            stops_within=timedelta(seconds=stops_within),
        )

    return make


async def test_a_killed_child_is_restarted(child: Callable[..., Child], reports: Reports) -> None:
    """A killed child is restarted each time, and the last one ends on SIGTERM."""
    supervisor = ProcessSupervisor([child(_EXIT_ON_SIGTERM + _REPORT + _WAIT)])
    running = asyncio.create_task(supervisor.run())
    for _ in range(MAX_QUICK_FAILURES + 2):
        os.kill(await reports.next(), signal.SIGKILL)
    last = await reports.next()
    supervisor.stop()
    assert await reports.next() == -last
    await asyncio.wait_for(running, PATIENCE_SECONDS)
    assert not psutil.pid_exists(last)


async def test_a_child_that_keeps_failing_stops_all(child: Callable[..., Child], reports: Reports) -> None:
    """A child that fails right after each start raises ChildKeepsDying, and the others are stopped."""
    good = child(_EXIT_ON_SIGTERM + _REPORT + _WAIT, name="good")
    bad = child("import sys; sys.exit(3)", name="bad")
    with pytest.raises(ChildKeepsDying, match=f"The bad ended {MAX_QUICK_FAILURES} times .*status 3"):
        await asyncio.wait_for(ProcessSupervisor([good, bad]).run(), PATIENCE_SECONDS)
    assert await reports.next() == -(await reports.next())


async def test_children_stop_in_order(child: Callable[..., Child], reports: Reports) -> None:
    """The second child gets SIGTERM after the first has ended."""
    supervisor = ProcessSupervisor(
        [child(_EXIT_ON_SIGTERM + _REPORT + _WAIT, name=name) for name in ("first", "second")]
    )
    running = asyncio.create_task(supervisor.run())
    names = {pid: psutil.Process(pid).cmdline()[-1] for pid in (await reports.next(), await reports.next())}
    supervisor.stop()
    stopped_first = -(await reports.next())
    stopped_second = -(await reports.next())
    assert not psutil.pid_exists(stopped_first)
    assert (names[stopped_first], names[stopped_second]) == ("first", "second")
    await asyncio.wait_for(running, PATIENCE_SECONDS)


async def test_a_child_that_ignores_sigterm_is_killed(child: Callable[..., Child], reports: Reports) -> None:
    """A child that ignores SIGTERM is killed after its time-out."""
    supervisor = ProcessSupervisor([child(_IGNORE_SIGTERM + _REPORT + _WAIT, stops_within=0.1)])
    running = asyncio.create_task(supervisor.run())
    pid = await reports.next()
    supervisor.stop()
    await asyncio.wait_for(running, PATIENCE_SECONDS)
    assert not psutil.pid_exists(pid)


async def test_a_second_stop_kills_at_once(child: Callable[..., Child], reports: Reports) -> None:
    """A second stop request kills a slow child without waiting."""
    supervisor = ProcessSupervisor([child(_IGNORE_SIGTERM + _REPORT + _WAIT, stops_within=3600)])
    running = asyncio.create_task(supervisor.run())
    pid = await reports.next()
    supervisor.stop()
    supervisor.stop_now()
    await asyncio.wait_for(running, PATIENCE_SECONDS)
    assert not psutil.pid_exists(pid)


async def test_descendants_of_a_killed_child_are_ended(child: Callable[..., Child], reports: Reports) -> None:
    """Processes that a killed child has started are ended."""
    fork = "pid = os.fork(); " + _REPORT.removeprefix("import os, signal, sys; ")
    supervisor = ProcessSupervisor([child("import os, signal, sys; " + fork + _WAIT)])
    running = asyncio.create_task(supervisor.run())
    pids = {await reports.next(), await reports.next()}
    (parent,) = (pid for pid in pids if psutil.Process(pid).ppid() == os.getpid())
    (orphan,) = (psutil.Process(pid) for pid in pids - {parent})
    os.kill(parent, signal.SIGKILL)
    await asyncio.to_thread(orphan.wait, PATIENCE_SECONDS)
    supervisor.stop_now()
    await asyncio.wait_for(running, PATIENCE_SECONDS)


async def test_a_missing_program_is_not_retried(tmp_path: Path) -> None:
    """A part that can't be started raises an error instead of being retried."""
    missing = Child(name="ghost", argv=[str(tmp_path / "none")], environment=os.environ)
    with pytest.raises(ChildKeepsDying):
        await asyncio.wait_for(ProcessSupervisor([missing]).run(), PATIENCE_SECONDS)
