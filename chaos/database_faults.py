"""Inject the faults of PostgreSQL: kill, suspend, fail over, fill the disk, take the memory. Restart servers that ended."""

import asyncio
import contextlib
import resource
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import asyncpg
import psutil
import structlog

from chaos.cluster import freeze, thaw
from chaos.pair import Pair, Server
from presswork.db.errors import TRANSIENT_ERRORS

log = structlog.get_logger()

_SYNCHRONOUS_WITHIN: Final = timedelta(seconds=60)
_POLL_SECONDS: Final = 0.2
_COPIES: Final = 5
_STANDBY_SHARE: Final = 0.25
"""Share of the full disks that are the standby's. Commits wait for it."""


class DatabaseFaults:
    """The faults of both servers. Those that take a server down wait for each other."""

    def __init__(self, pair: Pair, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Inject faults into `pair`; `pool` is connected to it."""
        self._pair: Final = pair
        self._pool: Final = pool
        self._turn: Final = asyncio.Lock()
        self._dead: Final[set[str]] = set()
        """Servers that a fault keeps dead at the moment."""

    async def keep_alive(self) -> int:
        """Restart servers that ended by themselves, and return their number: a full disk ends a server."""
        restarts = 0
        for server in (self._pair.primary, self._pair.standby):
            if server.has_ended and server.name not in self._dead:
                self._pair.start(server, until_ready=False)
                restarts += 1
        return restarts

    async def kill(self, lasts: timedelta) -> str:
        """Kill the primary, and start it again. Return its name."""
        async with self._turn:
            server = self._pair.primary
            self._dead.add(server.name)
            try:
                self._pair.kill(server)
                await asyncio.sleep(lasts.total_seconds())
            finally:
                self._dead.discard(server.name)
            return server.name

    async def suspend(self, lasts: timedelta) -> str:
        """Suspend the primary, then resume it. Return its name."""
        server = self._pair.primary
        if server.process is None or server.has_ended:
            return ""
        frozen = freeze(server.process.pid)
        try:
            await asyncio.sleep(lasts.total_seconds())
        finally:
            thaw(frozen)
        return server.name

    async def cut(self, share: float) -> str:
        """Terminate a share of the program's connections on the server."""
        with contextlib.suppress(*TRANSIENT_ERRORS):
            cut = await self._pool.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'presswork%'"
                " AND pid <> pg_backend_pid() AND random() <= $1",
                max(share, 0.2),
            )
            return f"{cut} connections"
        return ""

    async def fail_over(self, lasts: timedelta) -> str:
        """Kill the primary, promote the standby after a while, and make the former primary the new standby.

        As a manager of such pairs does, promote only a standby that has every commit.
        """
        async with self._turn:
            until = time.monotonic() + _SYNCHRONOUS_WITHIN.total_seconds()
            while not await asyncio.to_thread(lambda: self._pair.can_fail_over):
                if time.monotonic() > until:
                    return ""
                await asyncio.sleep(_POLL_SECONDS)
            former = self._pair.primary
            self._dead.add(former.name)
            try:
                self._pair.kill(former)
                await asyncio.sleep(lasts.total_seconds())
                await asyncio.to_thread(self._pair.fail_over)
                await self._renew_standby()
            finally:
                self._dead.discard(former.name)
            return f"{former.name} to {self._pair.primary.name}"

    async def _renew_standby(self) -> None:
        """Make the former primary the standby. The other faults continue and may break a copy off."""
        for attempt in range(_COPIES):
            try:
                await asyncio.to_thread(self._pair.renew_standby)
            except RuntimeError:
                if attempt == _COPIES - 1:
                    raise
            else:
                return

    async def fill_disk(self, lasts: timedelta, choice: float) -> str:
        """Fill the disk of a server for a while. Return its name."""
        async with self._turn:
            server = self._pair.standby if choice < _STANDBY_SHARE else self._pair.primary
            if server.volume is None:
                return ""
            server.volume.fill()
            try:
                await asyncio.sleep(lasts.total_seconds())
            finally:
                server.volume.free()
            return server.name

    async def take_memory(self, lasts: timedelta, choice: float) -> str:
        """Kill the largest backend, as the kernel does without memory, or refuse memory to all backends for a while."""
        async with self._turn:
            backends = _backends(self._pair.primary)
            if not backends:
                return ""
            if choice < 0.5:
                largest = max(backends, key=_memory)
                with contextlib.suppress(psutil.Error):
                    largest.kill()
                return "largest backend killed"
            for backend in backends:
                refuse_memory(backend)
            await asyncio.sleep(lasts.total_seconds())
            for backend in backends:
                grant_memory(backend)
            return f"{len(backends)} backends"


def _backends(server: Server) -> Sequence[psutil.Process]:
    """Return the processes that serve connections; their title has the client's address."""
    with contextlib.suppress(psutil.Error):
        if server.process is not None and not server.has_ended:
            children = psutil.Process(server.process.pid).children()
            return [child for child in children if "127.0.0.1(" in " ".join(_title(child))]
    return []


def _title(process: psutil.Process) -> Sequence[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def _memory(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def refuse_memory(process: psutil.Process) -> None:
    """Limit the address space of a process to what it has: it gets no more memory."""
    with contextlib.suppress(psutil.Error):
        _, hard = process.rlimit(resource.RLIMIT_AS)
        process.rlimit(resource.RLIMIT_AS, (process.memory_info().vms, hard))


def grant_memory(process: psutil.Process) -> None:
    """Lift the limit."""
    with contextlib.suppress(psutil.Error):
        _, hard = process.rlimit(resource.RLIMIT_AS)
        process.rlimit(resource.RLIMIT_AS, (hard, hard))
