"""What the worker's tests share: the API, the sandbox and a worker on the real clock, all in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from tests.api_server import Servers
from tests.world import World

from presswork.core.clock import SystemClock
from presswork.platforms.settings import Settings
from presswork.worker.main import Worker, open_worker

HURRY: Final = 8


class HurriedClock:
    """A clock that runs eight times as fast, so that a test does not wait as long as a worker does."""

    def __init__(self, *, ahead: timedelta = timedelta(0)) -> None:
        """Start from the machine's time, or ahead of it."""
        self._start: Final = datetime.now(UTC)
        self._since: Final = SystemClock().uptime()
        self._ahead = timedelta()
        self._passed: Final = ahead

    def now(self) -> datetime:
        """Return the instant it shows."""
        return self.database_now() + self._ahead

    def database_now(self) -> datetime:
        """Return the database's time, which runs as fast: `set_by` does not move it."""
        return self._start + self._passed + self.uptime()

    def uptime(self) -> timedelta:
        """Return how long it has been running."""
        return (SystemClock().uptime() - self._since) * HURRY

    def set_by(self, duration: timedelta) -> None:
        """Set the worker's wall clock forward, or back, without any time passing."""
        self._ahead += duration

    async def sleep(self, duration: timedelta) -> None:
        """Wait an eighth of it."""
        await SystemClock().sleep(duration / HURRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerWorld:
    """A running service, and a worker that works when the test says so."""

    world: World
    worker: Worker
    clock: HurriedClock
    settings: Settings
    dsn: str

    async def deliver(self, container: str, *accounts: str, **target: object) -> list[dict[str, Any]]:
        """Publish, work until nothing is left to do, and return the posts."""
        ids = await self.world.publish(container, *accounts, **target)
        await self.worker.work_until_idle()
        return [await self.world.post(post_id) for post_id in ids]

    @asynccontextmanager
    async def unhurried(self) -> "AsyncIterator[WorkerWorld]":
        """The same service with a worker whose seconds are real: a slow machine does not use up a limit of some seconds."""
        async with open_worker(
            self.settings, dsn=self.dsn, base_url=self.world.api.base_url, clock=SystemClock()
        ) as worker:
            yield replace(self, worker=worker)

    async def events(self, post_id: str) -> list[str]:
        """Return the names of a post's timeline."""
        return [entry["event"] for entry in await self.world.timeline(post_id)]


async def poll_once(worker: Worker) -> None:
    """Let a worker claim what is due, and wait for these jobs only."""
    await worker.poll()
    while tasks := worker.runner.tasks:
        await asyncio.wait(tasks)


@pytest.fixture
async def worker_world(servers: Servers, settings: Settings, dsn: str) -> AsyncIterator[WorkerWorld]:
    """A running service with one worker."""
    clock = HurriedClock()
    async with (
        servers.lend(settings, dsn=dsn, clock=SystemClock()) as api,
        open_worker(settings, dsn=dsn, base_url=api.base_url, clock=clock) as worker,
    ):
        world = World(api=api, client=await api.client())
        yield WorkerWorld(world=world, worker=worker, clock=clock, settings=settings, dsn=dsn)
