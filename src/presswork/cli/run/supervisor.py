"""Supervises child processes: restarts them when they die, stops them in order, leaves none behind."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from presswork.cli.run.prefork import PreforkedProcess
from presswork.core.errors import Unavailable

log = structlog.get_logger()

QUICK: Final = timedelta(seconds=10)
"""A child that ran for less than this died quickly."""
MAX_QUICK_FAILURES: Final = 5
"""The number of quick failures in a row after which the supervisor stops."""
NOT_STARTED: Final = 127
"""Status of a child that could not be started."""
_FIRST_BACKOFF: Final = timedelta(milliseconds=100)
_MAX_BACKOFF: Final = timedelta(seconds=5)
_MAX_BACKOFF_AFTER_KILL: Final = timedelta(milliseconds=500)
_EXTERNAL_SIGNALS: Final = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT})
"""Exit statuses with external causes, such as an operator or the out-of-memory killer."""


class ChildKeepsDying(Unavailable):
    """A part of the program fails each time it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process to supervise."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    fds: Sequence[int] = ()
    stops_within: timedelta = timedelta(seconds=15)  # after SIGTERM; then it is killed
    start_first: Callable[[], PreforkedProcess] | None = None  # instead of `argv`, the first time; raises OSError


_Process = asyncio.subprocess.Process | PreforkedProcess


@dataclass(slots=True)
class ProcessSupervisor:
    """Runs children until `stop`. Each has its own session, so that only the parent receives Ctrl-C."""

    children: Sequence[Child]  # in the order in which they are stopped
    _processes: dict[str, _Process] = field(init=False, default_factory=dict)
    _started: set[str] = field(init=False, default_factory=set)
    _stopping: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _is_stopping_now: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    def stop(self) -> None:
        """Stop the children one after the other; each drains first."""
        self._stopping.set()

    def stop_now(self) -> None:
        """Kill the children now; their posts are taken over at the next start."""
        self._stopping.set()
        self._is_stopping_now.set()

    async def run(self) -> None:
        """Run the children until `stop`. Raises ChildKeepsDying if one fails repeatedly."""
        keepers = [asyncio.create_task(self._keep_running(child)) for child in self.children]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([*keepers, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stopping.set()
            for child, keeper in zip(self.children, keepers, strict=True):
                await self._stop_child(child, keeper)
            await stopping
        for keeper in keepers:
            keeper.result()

    async def _keep_running(self, child: Child) -> None:
        quick = failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._run_once(child)
            if self._stopping.is_set():
                return
            is_quick = time.monotonic() - began < QUICK.total_seconds()
            is_failure = status not in _EXTERNAL_SIGNALS
            quick = quick + 1 if is_quick else 0
            failures = (failures + 1 if is_failure else failures) if is_quick else 0
            log.warning("child died; restarting", part=child.name, status=status, quick_deaths=quick)
            if failures >= MAX_QUICK_FAILURES:
                raise ChildKeepsDying(
                    f"The {child.name} ended {failures} times right after it started (exit status {status}). "
                    "See the log lines above, and run `presswork doctor`.",
                    part=child.name,
                    status=status,
                )
            await self._wait_before_restart(quick, _MAX_BACKOFF if is_failure else _MAX_BACKOFF_AFTER_KILL)

    async def _wait_before_restart(self, quick: int, max_pause: timedelta) -> None:
        """Wait before a restart, or until `stop`; not after the first quick death or a long run."""
        if quick > 1:
            pause = min(max_pause, _FIRST_BACKOFF * 2 ** min(quick - 2, 10))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=pause.total_seconds())

    async def _run_once(self, child: Child) -> int:
        """Run the child once and return its exit status, or the negative number of the signal that ended it."""
        try:
            process = await self._start_child(child)
        except OSError as error:
            log.error("child could not be started", part=child.name, error=str(error))  # noqa: TRY400  the traceback has no information
            return NOT_STARTED
        self._processes[child.name] = process
        if self._stopping.is_set():
            _send_signal(process, signal.SIGTERM)
        try:
            return await process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # processes that a killed child left behind

    async def _start_child(self, child: Child) -> _Process:
        """Start the child. Raises OSError."""
        is_first = child.name not in self._started
        self._started.add(child.name)
        if is_first and child.start_first is not None:
            return child.start_first()
        return await asyncio.create_subprocess_exec(
            *child.argv,
            stdin=asyncio.subprocess.DEVNULL,
            env=child.environment,
            pass_fds=child.fds,
            start_new_session=True,
        )

    async def _stop_child(self, child: Child, keeper: "asyncio.Task[None]") -> None:
        """Stop one child: SIGTERM, wait, SIGKILL. Returns when it has ended."""
        process = self._processes.get(child.name)
        if process is not None and not self._is_stopping_now.is_set():
            _send_signal(process, signal.SIGTERM)
        stopping_now = asyncio.create_task(self._is_stopping_now.wait())
        await asyncio.wait(
            [keeper, stopping_now], timeout=child.stops_within.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        stopping_now.cancel()
        await asyncio.gather(stopping_now, return_exceptions=True)
        if not keeper.done():
            process = self._processes.get(child.name)
            if process is not None:
                log.warning("child did not stop in time; killing it", part=child.name)
                _send_signal(process, signal.SIGKILL)
            await asyncio.wait([keeper])


def _send_signal(process: _Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)
