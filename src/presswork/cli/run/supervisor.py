"""Keeping child processes alive: start them again when they die, stop them in order, leave none behind."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from presswork.core.errors import Unavailable

log = structlog.get_logger()

QUICK: Final = timedelta(seconds=10)
"""A child that lived shorter than this died quickly."""
FAULTS_LIMIT: Final = 5
"""Quick deaths by a child's own fault, in a row, after which there is no point in going on."""
NOT_STARTED: Final = 127
"""Status of a child that the system did not start."""
_PAUSE: Final = timedelta(milliseconds=100)
_LONGEST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE_AFTER_KILL: Final = timedelta(milliseconds=500)
_FROM_OUTSIDE: Final = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT})
"""Ends that say nothing about the child: an operator, the kernel short of memory, a test."""


class ChildKeepsDying(Unavailable):
    """A part of the program ends by its own fault each time that it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One process to keep alive."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    fds: Sequence[int] = ()
    stops_within: timedelta = timedelta(seconds=15)  # after SIGTERM; then it is killed


class Supervisor:
    """Runs children until told to stop. Each is in a session of its own: a Ctrl-C in the terminal is for the parent."""

    def __init__(self, children: Sequence[Child]) -> None:
        """Take the children in the order in which they are stopped."""
        self._children: Final = children
        self._processes: Final[dict[str, asyncio.subprocess.Process]] = {}
        self._stopping: Final = asyncio.Event()
        self._hurrying: Final = asyncio.Event()

    def stop(self) -> None:
        """Have every child end its work and then itself, one after the other."""
        self._stopping.set()

    def hurry(self) -> None:
        """Have every child killed now; what was under way is taken up at the next start."""
        self._stopping.set()
        self._hurrying.set()

    async def run(self) -> None:
        """Return when all children have stopped, as asked. Raises ChildKeepsDying when one can't be kept alive."""
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([*keepers, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stopping.set()
            for child, keeper in zip(self._children, keepers, strict=True):
                await self._end(child, keeper)
            await stopping
        for keeper in keepers:
            keeper.result()

    async def _keep(self, child: Child) -> None:
        quick = faults = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._live(child)
            if self._stopping.is_set():
                return
            is_quick = time.monotonic() - began < QUICK.total_seconds()
            is_fault = status not in _FROM_OUTSIDE
            quick = quick + 1 if is_quick else 0
            faults = (faults + 1 if is_fault else faults) if is_quick else 0
            log.warning("a part died and is started again", part=child.name, status=status, quick_deaths=quick)
            if faults >= FAULTS_LIMIT:
                raise ChildKeepsDying(
                    f"The {child.name} ended {faults} times right after its start (exit status {status}). "
                    "The lines above say why; `presswork doctor` may say how to mend it.",
                    part=child.name,
                    status=status,
                )
            await self._pause(quick, _LONGEST_PAUSE if is_fault else _LONGEST_PAUSE_AFTER_KILL)

    async def _pause(self, quick: int, longest: timedelta) -> None:
        """Wait before a start, unless the last run went well for long, or this is the first death; or until the end."""
        if quick > 1:
            pause = min(longest, _PAUSE * 2 ** min(quick - 2, 10))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=pause.total_seconds())

    async def _live(self, child: Child) -> int:
        """Run the child once and return its exit status; minus the number of a signal that ended it."""
        try:
            process = await asyncio.create_subprocess_exec(
                *child.argv,
                stdin=asyncio.subprocess.DEVNULL,
                env=child.environment,
                pass_fds=child.fds,
                start_new_session=True,
            )
        except OSError as error:
            log.error("a part could not be started", part=child.name, error=str(error))  # noqa: TRY400  no trace helps
            return NOT_STARTED
        self._processes[child.name] = process
        if self._stopping.is_set():
            _signal(process, signal.SIGTERM)
        try:
            return await process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # whom a killed child left behind

    async def _end(self, child: Child, keeper: "asyncio.Task[None]") -> None:
        """Stop one child: ask, wait, kill. Returns when it is gone."""
        process = self._processes.get(child.name)
        if process is not None and not self._hurrying.is_set():
            _signal(process, signal.SIGTERM)
        hurrying = asyncio.create_task(self._hurrying.wait())
        await asyncio.wait(
            [keeper, hurrying], timeout=child.stops_within.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        hurrying.cancel()
        await asyncio.gather(hurrying, return_exceptions=True)
        if not keeper.done():
            process = self._processes.get(child.name)
            if process is not None:
                log.warning("a part did not stop in time and is killed", part=child.name)
                _signal(process, signal.SIGKILL)
            await asyncio.wait([keeper])


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)
