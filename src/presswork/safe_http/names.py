"""Resolve untrusted host names: in separate threads, and only to addresses that are all allowed."""

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

# An untrusted name server may not respond, and a look-up can't be stopped. On the threads that everything else uses
# (files, the names of platforms), a few such names would block the whole process.
_THREADS: Final = 64

Addresses = list[tuple[socket.AddressFamily, str]]


@dataclass(slots=True, eq=False)
class _LookUp:
    """A look-up that is queued or in progress, and how many wait for it."""

    found: Future[Addresses]
    waiters: int = 0


class LookUps:
    """Looks up each name once at a time for all that wait for it, so that a name whose server does not respond uses one
    thread, however often it is asked for."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        """Start with none."""
        self._threads: Final = threads
        self._lock: Final = threading.RLock()
        self._running: Final[dict[tuple[str, socket.AddressFamily], _LookUp]] = {}

    async def find(self, host: str, family: socket.AddressFamily) -> Addresses:
        """Return the addresses of a name. Raises OSError, and UnicodeError for a name that can't be encoded."""
        key, mine = (host, family), Future[Addresses]()
        with self._lock:
            look_up = self._running.get(key)
            if look_up is None:
                look_up = self._running[key] = _LookUp(self._threads.submit(_ask, *key))
                look_up.found.add_done_callback(lambda _: self._forget(key))
            look_up.waiters += 1
            look_up.found.add_done_callback(partial(_pass_on, mine))
        try:
            return await asyncio.wrap_future(mine)
        finally:
            with self._lock:
                look_up.waiters -= 1
                if not look_up.waiters:
                    look_up.found.cancel()  # has no effect on one in progress: the next to ask waits for it, too

    def _forget(self, key: tuple[str, socket.AddressFamily]) -> None:
        with self._lock:
            del self._running[key]


def _ask(host: str, family: socket.AddressFamily) -> Addresses:
    infos = socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [(family, _with_scope(sockaddr)) for family, _, _, _, sockaddr in infos]


def _pass_on(mine: "Future[Addresses]", found: "Future[Addresses]") -> None:
    """Give the result to one of those that wait, unless it no longer does."""
    if found.cancelled() or not mine.set_running_or_notify_cancel():
        return
    if (error := found.exception()) is not None:
        mine.set_exception(error)
    else:
        mine.set_result(found.result())


_NAMES: Final = LookUps(ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="untrusted-names"))


class SystemNames(AbstractResolver):
    """Uses the system's resolver, in threads that only untrusted names use."""

    def __init__(self, look_ups: LookUps = _NAMES) -> None:
        """Use the look-ups of the process; `look_ups` is for tests."""
        self._look_ups: Final = look_ups

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return all addresses of a name. Raises OSError where there is none."""
        try:
            found = await self._look_ups.find(host, family)
        except UnicodeError as error:  # a name that can't be encoded for a DNS query
            raise socket.gaierror(socket.EAI_NONAME, "no proper host name") from error
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
            for family, address in found
        ]

    async def close(self) -> None:
        """Do nothing: the threads serve the whole process."""


class CheckedNames(AbstractResolver):
    """Resolves a name and returns its addresses only if every one of them passes `check`."""

    def __init__(self, resolver: AbstractResolver, check: Callable[[str], None]) -> None:
        """Store the resolver, and a check that raises an OSError for an address that is not allowed."""
        self._resolver = resolver
        self._check = check

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return all addresses of a name. Raises OSError where there is none, or one is refused."""
        results = await self._resolver.resolve(host, port, family)
        if not results:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        for result in results:
            self._check(result["host"])
        return results

    async def close(self) -> None:
        """Close the wrapped resolver."""
        await self._resolver.close()


def _with_scope(sockaddr: tuple[object, ...]) -> str:
    """Return the address with the scope of a link-local one, so that the check sees it."""
    address = str(sockaddr[0])
    scope = sockaddr[3] if len(sockaddr) > 3 else 0
    return f"{address}%{scope}" if scope and "%" not in address else address
