"""Children that die are started again, stopped in order, and never left behind."""

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

from presswork.cli.run.supervisor import MAX_QUICK_FAILURES, Child, ChildKeepsDying, Supervisor

_WITHIN: Final = 20

# Tells the test its process number through a pipe, then does as asked.
_HELLO: Final = "import os, signal, sys; os.write({fd}, b'%d\\n' % os.getpid()); "
_WAIT: Final = "signal.pause()"
_OBEY: Final = "import os, signal, sys; signal.signal(signal.SIGTERM, lambda *_: (os.write({fd}, b'-%d\\n' % os.getpid()), sys.exit(0))); "
_STUBBORN: Final = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


class Reports:
    """What children wrote into a pipe."""

    def __init__(self) -> None:
        """Open the pipe."""
        self._reading, self.fd = os.pipe()
        self._rest = b""

    def close(self) -> None:
        """Close it."""
        os.close(self._reading)
        os.close(self.fd)

    async def next(self) -> int:
        """Wait for the next line; a process number, negative when that process was asked to end."""
        while b"\n" not in self._rest:
            self._rest += await asyncio.wait_for(asyncio.to_thread(os.read, self._reading, 100), _WITHIN)
        line, _, self._rest = self._rest.partition(b"\n")
        return int(line)


@pytest.fixture
def reports() -> Iterator[Reports]:
    """A pipe for children to report to."""
    reports = Reports()
    yield reports
    reports.close()


@pytest.fixture
def child(reports: Reports) -> Callable[..., Child]:
    """Makes children that run a line of Python after they have reported."""

    def make(code: str, *, name: str = "part", stops_within: float = _WITHIN) -> Child:
        return Child(
            name=name,
            argv=[sys.executable, "-I", "-S", "-c", code.format(fd=reports.fd), name],
            environment=os.environ,
            fds=(reports.fd,),
            stops_within=timedelta(seconds=stops_within),
        )

    return make


async def test_killed_child_comes_back(child: Callable[..., Child], reports: Reports) -> None:
    """A child that is killed is started again, however often, and the last one ends when asked."""
    supervisor = Supervisor([child(_OBEY + _HELLO + _WAIT)])
    running = asyncio.create_task(supervisor.run())
    for _ in range(MAX_QUICK_FAILURES + 2):
        os.kill(await reports.next(), signal.SIGKILL)
    last = await reports.next()
    supervisor.stop()
    assert await reports.next() == -last
    await asyncio.wait_for(running, _WITHIN)
    assert not psutil.pid_exists(last)


async def test_child_that_fails_by_itself_is_given_up(child: Callable[..., Child], reports: Reports) -> None:
    """A child that ends with an error right after each start is given up, and the others are stopped."""
    good = child(_OBEY + _HELLO + _WAIT, name="good")
    bad = child("import sys; sys.exit(3)", name="bad")
    with pytest.raises(ChildKeepsDying, match=f"The bad ended {MAX_QUICK_FAILURES} times .*status 3"):
        await asyncio.wait_for(Supervisor([good, bad]).run(), _WITHIN)
    assert await reports.next() == -(await reports.next())


async def test_children_stop_one_after_the_other(child: Callable[..., Child], reports: Reports) -> None:
    """The first child has ended before the second is asked to."""
    supervisor = Supervisor([child(_OBEY + _HELLO + _WAIT, name=name) for name in ("first", "second")])
    running = asyncio.create_task(supervisor.run())
    names = {pid: psutil.Process(pid).cmdline()[-1] for pid in (await reports.next(), await reports.next())}
    supervisor.stop()
    asked_first = -(await reports.next())
    asked_second = -(await reports.next())
    assert not psutil.pid_exists(asked_first)
    assert (names[asked_first], names[asked_second]) == ("first", "second")
    await asyncio.wait_for(running, _WITHIN)


async def test_child_that_does_not_stop_is_killed(child: Callable[..., Child], reports: Reports) -> None:
    """A child that ignores SIGTERM is killed when its time is over."""
    supervisor = Supervisor([child(_STUBBORN + _HELLO + _WAIT, stops_within=0.1)])
    running = asyncio.create_task(supervisor.run())
    pid = await reports.next()
    supervisor.stop()
    await asyncio.wait_for(running, _WITHIN)
    assert not psutil.pid_exists(pid)


async def test_hurry_kills_at_once(child: Callable[..., Child], reports: Reports) -> None:
    """A second request does not wait for a slow child."""
    supervisor = Supervisor([child(_STUBBORN + _HELLO + _WAIT, stops_within=3600)])
    running = asyncio.create_task(supervisor.run())
    pid = await reports.next()
    supervisor.stop()
    supervisor.hurry()
    await asyncio.wait_for(running, _WITHIN)
    assert not psutil.pid_exists(pid)


async def test_what_a_killed_child_left_is_ended(child: Callable[..., Child], reports: Reports) -> None:
    """Processes that a killed child had started do not outlive it."""
    fork = "pid = os.fork(); " + _HELLO.removeprefix("import os, signal, sys; ")
    supervisor = Supervisor([child("import os, signal, sys; " + fork + _WAIT)])
    running = asyncio.create_task(supervisor.run())
    pids = {await reports.next(), await reports.next()}
    (parent,) = (pid for pid in pids if psutil.Process(pid).ppid() == os.getpid())
    (orphan,) = (psutil.Process(pid) for pid in pids - {parent})
    os.kill(parent, signal.SIGKILL)
    await asyncio.to_thread(orphan.wait, _WITHIN)
    supervisor.hurry()
    await asyncio.wait_for(running, _WITHIN)


async def test_program_that_is_not_there_is_given_up(tmp_path: Path) -> None:
    """A part that the system can't start is told of, not retried for ever."""
    missing = Child(name="ghost", argv=[str(tmp_path / "none")], environment=os.environ)
    with pytest.raises(ChildKeepsDying):
        await asyncio.wait_for(Supervisor([missing]).run(), _WITHIN)
