"""Resolve untrusted host names: in separate threads, and only to addresses that are all allowed."""

import asyncio
import socket
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

from aiohttp.abc import AbstractResolver, ResolveResult

# An untrusted name server may not respond, and a look-up can't be stopped. On the threads that everything else uses
# (files, the names of platforms), a few such names would block the whole process.
_THREADS: Final = 64
_MAX_OF_OWNER: Final = 8
_MAX_WITHOUT_OWNER: Final = 32
"""Names that an account chose, such as that of its server, are looked up for no organization."""

NAME_OWNER: Final[ContextVar[UUID | None]] = ContextVar("NAME_OWNER", default=None)
"""The organization whose URL is called, while its name is resolved."""

Addresses = list[tuple[socket.AddressFamily, str]]


@dataclass(slots=True, eq=False)
class _LookUp:
    """A look-up that is queued or in progress, and the results that are waited for."""

    host: str
    family: socket.AddressFamily
    waiting: set["Future[Addresses]"] = field(default_factory=set)
    job: "Future[Addresses] | None" = None
    """Is None while it waits until one of the owners that asked for it has fewer in progress."""


class LookUps:
    """Looks up each name once at a time for all that wait for it, so that a name whose server does not respond uses one
    thread, however often it is asked for. An organization with many such names uses a few threads, and its further ones
    wait for them."""

    def __init__(self, threads: ThreadPoolExecutor, *, max_of_owner: int = _MAX_OF_OWNER) -> None:
        """Each owner may have `max_of_owner` in progress."""
        self._threads: Final = threads
        self._max_of_owner: Final = max_of_owner
        self._lock: Final = threading.RLock()
        self._known: Final[dict[tuple[str, socket.AddressFamily], _LookUp]] = {}
        self._queued: Final[defaultdict[UUID | None, deque[_LookUp]]] = defaultdict(deque)
        self._running: Final[Counter[UUID | None]] = Counter()

    async def find(self, host: str, family: socket.AddressFamily, *, owner: UUID | None = None) -> Addresses:
        """Return the addresses of a name. Raises OSError, and UnicodeError for a name that can't be encoded."""
        mine = Future[Addresses]()
        with self._lock:
            look_up = self._known.setdefault((host, family), _LookUp(host, family))
            look_up.waiting.add(mine)
            if look_up.job is None:  # also if another owner queued it, who may have to wait longer
                self._queued[owner].append(look_up)
                self._start_next(owner)
        try:
            return await asyncio.wrap_future(mine)
        finally:
            with self._lock:
                look_up.waiting.discard(mine)
                if not look_up.waiting:
                    self._drop(look_up)

    def _start_next(self, owner: UUID | None) -> None:
        queue, max_running = self._queued[owner], _MAX_WITHOUT_OWNER if owner is None else self._max_of_owner
        while queue and self._running[owner] < max_running:
            look_up = queue.popleft()
            if look_up.job is None and look_up.waiting:
                self._running[owner] += 1
                look_up.job = self._threads.submit(_resolve, look_up.host, look_up.family)
                look_up.job.add_done_callback(partial(self._end, look_up, owner))
        if not queue:
            self._queued.pop(owner, None)

    def _drop(self, look_up: _LookUp) -> None:
        """Forget a look-up that nothing waits for. One in progress goes on: the next to ask waits for it, too."""
        if look_up.job is not None:
            look_up.job.cancel()
        elif self._known.get((look_up.host, look_up.family)) is look_up:
            del self._known[look_up.host, look_up.family]

    def _end(self, look_up: _LookUp, owner: UUID | None, found: "Future[Addresses]") -> None:
        with self._lock:
            del self._known[look_up.host, look_up.family]
            self._running[owner] -= 1
            if not self._running[owner]:
                del self._running[owner]
            waiting = list(look_up.waiting)
            self._start_next(owner)
        for mine in waiting:
            _pass_on(mine, found)


def _resolve(host: str, family: socket.AddressFamily) -> Addresses:
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
            found = await self._look_ups.find(host, family, owner=NAME_OWNER.get())
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
