"""Supervised background tasks: one that dies is logged, counted and restarted, or ends the process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from presswork.core.backoff import backoff
from presswork.core.clock import Clock, SystemClock
from presswork.telemetry import meters

log = structlog.get_logger()

BACKOFF_FIRST: Final = timedelta(milliseconds=500)
BACKOFF_MAX: Final = timedelta(seconds=30)
HEALTHY_AFTER: Final = timedelta(minutes=1)
"""A task that ran this long before it died starts again with the first backoff."""
MAX_DEATHS: Final = 8
"""Deaths in a row after which an essential task ends the process: with the backoff, after about a minute."""


class TaskKeepsFailing(Exception):
    """An essential background task died too often; the process ends, and its supervisor restarts it."""


class Supervisor:
    """Runs named background tasks in a task group."""

    def __init__(self, group: asyncio.TaskGroup, clock: Clock) -> None:
        self._group: Final = group
        self._clock: Final = clock
        self._tasks: Final[list[asyncio.Task[None]]] = []

    def start(self, name: str, work: Callable[[], Awaitable[None]], *, is_essential: bool = False) -> None:
        """Run `work` until it returns, and again whenever it raises.

        An essential task that dies MAX_DEATHS times in a row raises TaskKeepsFailing out of the group.
        """
        self._tasks.append(self._group.create_task(self._keep_running(name, work, is_essential), name=name))

    def cancel(self) -> None:
        """Cancel every task; the group waits for them."""
        for task in self._tasks:
            task.cancel()

    async def _keep_running(self, name: str, work: Callable[[], Awaitable[None]], is_essential: bool) -> None:
        deaths = 0
        while True:
            started = self._clock.uptime()
            try:
                await work()
            except Exception as error:
                deaths = 1 if self._clock.uptime() - started >= HEALTHY_AFTER else deaths + 1
                meters.background_restarts.labels(name).inc()
                if is_essential and deaths >= MAX_DEATHS:
                    log.exception("essential background task keeps failing; the process ends", task=name, deaths=deaths)
                    raise TaskKeepsFailing(f"{name} failed {deaths} times in a row") from error
                wait = backoff(BACKOFF_FIRST, BACKOFF_MAX, failures=deaths - 1)
                log.exception(
                    "background task failed; restarting", task=name, deaths=deaths, wait_seconds=wait.total_seconds()
                )
                await self._clock.sleep(wait)
            else:
                return


@contextlib.asynccontextmanager
async def supervised(clock: Clock | None = None) -> AsyncIterator[Supervisor]:
    """Open a supervisor for the length of a block; its tasks are cancelled at the end of it.

    Raises an ExceptionGroup with TaskKeepsFailing where an essential task keeps failing; the block is cancelled then.
    """
    failure: Exception | None = None
    async with asyncio.TaskGroup() as group:
        supervisor = Supervisor(group, SystemClock() if clock is None else clock)
        try:
            yield supervisor
        except Exception as error:  # noqa: BLE001  raised again below
            failure = error  # the block's own: raised as it is, and not in the group's ExceptionGroup
        finally:
            supervisor.cancel()
    if failure is not None:
        raise failure
