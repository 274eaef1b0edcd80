"""Event streams of one process: one reader for all of them, and a bounded buffer for each organization.

The reader numbers committed events and reads those of the organizations that have a stream here, when it is woken by a
hint or once a second. Each stream continues after the number of the last event it has taken: from the buffer of its
organization, or, when it resumes, from the database. docs/decisions/0035-event-streams.md has the reasons.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.callers.model import Principal, Scope
from presswork.core.clock import Clock
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.listener import EVENTS, Listener
from presswork.db.pool import Pool
from presswork.events.model import HEARTBEAT, NoRoomForStreams, TooManyStreams
from presswork.events.store import KEEP_AGAIN_AFTER, EventStore, Reading, StreamEvent, Tenant
from presswork.jobs.supervisor import supervised
from presswork.telemetry import meters

log = structlog.get_logger()

HEARTBEAT_BLOCK: Final = b": heartbeat\n\n"
RESET_BLOCK: Final = b'event: stream.reset\ndata: {"type":"stream.reset"}\n\n'
"""Says that events may be missing: the one in Last-Event-ID is not kept."""
MAX_EVENTS: Final = 1_000
MAX_BYTES: Final = 2 * 1024 * 1024
"""The most events that a process keeps for one organization and environment. A stream that is further behind ends."""
_BUFFERED_FOR: Final = timedelta(seconds=60)
"""How long they are kept. A client that reads nothing for half of that is disconnected by the HTTP protocol."""
_CHUNK_BYTES: Final = 64 * 1024
_PAGE: Final = 100
_POLL_EVERY: Final = timedelta(seconds=1)
_MIN_READ_INTERVAL: Final = timedelta(milliseconds=20)
_AFTER_ERROR: Final = timedelta(milliseconds=500)


class _Buffer:
    """The latest events of one organization and environment, and the streams that read them."""

    def __init__(self) -> None:
        self.streams: Final[set[EventStream]] = set()
        self.events: Final[deque[tuple[float, StreamEvent]]] = deque()
        self.size_bytes = 0
        self.covered_from: int | None = None
        """All events with a higher number that the reader has read are in the buffer; None if none was read yet."""
        self.kept_at: float | None = None

    def append(self, event: StreamEvent, *, now: float) -> None:
        self.events.append((now, event))
        self.size_bytes += len(event.block)
        self.trim(now=now)

    def trim(self, *, now: float) -> None:
        oldest = now - _BUFFERED_FOR.total_seconds()
        while self.events and (
            len(self.events) > MAX_EVENTS or self.size_bytes > MAX_BYTES or self.events[0][0] < oldest
        ):
            _, dropped = self.events.popleft()
            self.size_bytes -= len(dropped.block)
            self.covered_from = dropped.number

    def after(self, number: int) -> Sequence[StreamEvent]:
        """Return the events after a number. Reads from the end: nearly every stream has all but the last."""
        found: list[StreamEvent] = []
        for _, event in reversed(self.events):
            if event.number <= number:
                break
            found.append(event)
        found.reverse()
        return found


class EventStream:
    """One client's stream."""

    def __init__(
        self,
        feed: "EventFeed",
        tenant: Tenant,
        caller: Principal,
        is_valid: Callable[[], Awaitable[bool]],
    ) -> None:
        """A stream has no position before `feed.open`."""
        self._feed: Final = feed
        self._tenant: Final = tenant
        self._projects: Final = caller.project_ids
        self._may_decide: Final = caller.may(Scope.CONTENT_APPROVE)
        self._is_valid: Final = is_valid
        self._wake: Final = asyncio.Event()
        self._has_to_check = False
        self._is_live = False
        self.position = 0
        self.starts_after = UUID(int=0)
        """The event after which the stream starts."""
        self.has_gap = False
        self.ended: str | None = None
        """Why the stream has ended."""

    def wake(self) -> None:
        """Look for new events."""
        self._wake.set()

    def check(self) -> None:
        """Check the caller again, at once."""
        self._has_to_check = True
        self._wake.set()

    def end(self, reason: str) -> None:
        """End the stream. The client resumes after the last event that it has received."""
        self.ended = self.ended or reason
        self._wake.set()

    async def blocks(self) -> AsyncGenerator[bytes]:
        """Yield what to send, until the stream has ended: events, and a heartbeat at regular intervals."""
        now = asyncio.get_running_loop().time
        beats_at = now() + self._feed.heartbeat.total_seconds()
        if self.has_gap:
            yield RESET_BLOCK
        while self.ended is None:
            self._wake.clear()
            is_beat = now() >= beats_at
            if self._has_to_check or is_beat:
                self._has_to_check = False
                if not await self._is_valid():
                    self.end("the key or session has ended")
                    return
            if is_beat:
                beats_at = now() + self._feed.heartbeat.total_seconds()
                yield HEARTBEAT_BLOCK
            if chunk := await self._read_chunk():
                yield chunk
            elif self.ended is None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(beats_at):
                        await self._wake.wait()

    async def _read_chunk(self) -> bytes:
        buffer = self._feed.buffer_of(self._tenant)
        if buffer.covered_from is None:
            return b""
        if self.position >= buffer.covered_from:
            self._is_live = True
            return self._next_chunk(buffer.after(self.position))
        if self._is_live:
            self.end("the client reads too slowly")
            return b""
        covered_from = buffer.covered_from
        async with self._feed.replays:
            events = await self._feed.store.replay(self._tenant, after=self.position, limit=_PAGE)
        chunk = self._next_chunk(events, limit=None)
        if len(events) < _PAGE:
            self.position = max(self.position, covered_from)
        self._wake.set()  # there may be more
        return chunk

    def _next_chunk(self, events: Sequence[StreamEvent], *, limit: int | None = _CHUNK_BYTES) -> bytes:
        """Return the next events as one chunk, those of other projects left out."""
        chunk: list[bytes] = []
        size = 0
        for event in events:
            if limit is not None and size > limit:
                self._wake.set()
                break
            self.position = event.number
            if self._projects is None or event.project_id in self._projects:
                block = event.block_for_deciders if self._may_decide else event.block
                chunk.append(block)
                size += len(block)
        return b"".join(chunk)


class EventFeed:
    """All streams of a process."""

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        *,
        listen_dsn: str,
        max_streams: int,
        max_per_organization: int,
        heartbeat: timedelta = HEARTBEAT,
        review_url_of: Callable[[str], str | None] | None = None,
    ) -> None:
        """Read through `pool`. Nothing is read, and no connection is open, while there is no stream."""
        self.store: Final = EventStore(pool, review_url_of=review_url_of)
        self.heartbeat = heartbeat
        self.replays: Final = asyncio.Semaphore(4)
        """Streams that resume share a part of the pool."""
        self._clock: Final = clock
        self._listen_dsn: Final = listen_dsn
        self.max_streams = max_streams
        self.max_per_organization = max_per_organization
        self._buffers: Final[dict[Tenant, _Buffer]] = {}
        self._hint: Final = asyncio.Event()
        self._is_needed: Final = asyncio.Event()
        self._last: tuple[int, UUID | None] | None = None
        self._is_stopping = False

    def buffer_of(self, tenant: Tenant) -> _Buffer:
        """Return the buffer of a tenant that has a stream."""
        return self._buffers[tenant]

    @property
    def count(self) -> int:
        """The number of streams."""
        return sum(len(buffer.streams) for buffer in self._buffers.values())

    @contextlib.asynccontextmanager
    async def open(
        self, caller: Principal, *, after: UUID | None, is_valid: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[EventStream]:
        """Open a stream for the length of a block: from now on, or after an event.

        Every change that commits after this has returned is in the stream. `is_valid` returns whether the caller may still
        read it. Raises TooManyStreams and NoRoomForStreams.
        """
        tenant = (caller.organization_id, caller.environment.value)
        self._require_room(caller.organization_id)
        stream = EventStream(self, tenant, caller, is_valid)
        buffer = self._buffers.setdefault(tenant, _Buffer())
        buffer.streams.add(stream)
        meters.event_streams.inc()
        try:
            await self._keep(tenant, buffer)
            await self.store.number_all(now=self._clock.database_now())
            number = None if after is None else await self.store.number_of(tenant, after)
            if after is not None and number is not None:
                stream.position, stream.starts_after = number, after
            else:
                stream.has_gap = after is not None
                stream.position, stream.starts_after = await self.store.last_event(tenant, now=self._clock.now())
            self._is_needed.set()
            self._hint.set()
            yield stream
        finally:
            meters.event_streams.dec()
            buffer.streams.discard(stream)
            if not buffer.streams:
                del self._buffers[tenant]

    def _require_room(self, organization_id: UUID) -> None:
        if self._is_stopping:
            raise NoRoomForStreams("This process is stopping.")
        mine = sum(len(buffer.streams) for (owner, _), buffer in self._buffers.items() if owner == organization_id)
        if mine >= self.max_per_organization:
            raise TooManyStreams(self.max_per_organization)
        if self.count >= self.max_streams:
            raise NoRoomForStreams(f"This process serves {self.max_streams:,} event streams, which is the maximum.")

    async def _keep(self, tenant: Tenant, buffer: _Buffer) -> None:
        """Have the events of a tenant written, unless that was done a short time ago."""
        now = asyncio.get_running_loop().time()
        if buffer.kept_at is None or now - buffer.kept_at >= KEEP_AGAIN_AFTER.total_seconds():
            await self.store.keep(tenant, now=self._clock.database_now(), since=self._clock.now())
            buffer.kept_at = now

    def recheck(self) -> None:
        """Check every caller again: a key or session may have ended."""
        for buffer in self._buffers.values():
            for stream in buffer.streams:
                stream.check()

    def stop(self) -> None:
        """End every stream, and open no further one."""
        self._is_stopping = True
        self._end_all("the process stops")

    def _end_all(self, reason: str) -> None:
        for buffer in self._buffers.values():
            for stream in buffer.streams:
                stream.end(reason)

    async def run(self) -> None:
        """Read events while there are streams, until cancelled."""
        while True:
            await self._is_needed.wait()
            self._last = None
            async with supervised() as supervisor:
                listener = Listener(
                    self._listen_dsn, EVENTS, lambda _payload: self._hint.set(), on_connected=self._hint.set
                )
                supervisor.start("event listener", listener.run)
                try:
                    await self._read_while_needed()
                except Exception:
                    self._start_again("an event could not be read")
                    raise

    async def _read_while_needed(self) -> None:
        has_error = False
        while self._buffers:
            self._hint.clear()
            wait = _POLL_EVERY
            try:
                await self._read()
                has_error = False
            except TRANSIENT_ERRORS as error:
                wait = _AFTER_ERROR
                if not has_error:
                    log.warning("event streams wait: the database is unavailable", error=type(error).__name__)
                has_error = True
            await asyncio.sleep(_MIN_READ_INTERVAL.total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait.total_seconds()):
                    await self._hint.wait()
        self._is_needed.clear()

    async def _read(self) -> None:
        """Read what has been committed since the last call, and wake the streams that it is for."""
        for tenant, buffer in list(self._buffers.items()):
            await self._keep(tenant, buffer)
        await self.store.number_all(now=self._clock.database_now())
        if self._last is None:
            found = await self.store.read([], after=0, limit=1)
            self._last = found.horizon
        while True:
            after, after_id = self._last
            for buffer in self._buffers.values():
                if buffer.covered_from is None:  # the next events that are read include those of this tenant
                    buffer.covered_from = after
                    _wake(buffer)
            organizations = list({organization for organization, _ in self._buffers})
            found = await self.store.read(organizations, after=after, limit=_PAGE)
            if after_id is not None and found.previous_id != after_id:
                log.warning("event streams end: the database does not have the events that were read last")
                self._start_again("the database has lost events")  # it has failed over to a server without them
                return
            self._last = self._dispatch(found)
            if len(found.events) < _PAGE:
                return

    def _dispatch(self, found: Reading) -> tuple[int, UUID | None]:
        """Append events to the buffers, and return the last event that was read."""
        now = asyncio.get_running_loop().time()
        woken: set[Tenant] = set()
        for tenant, _, event in found.events:
            buffer = self._buffers.get(tenant)
            if buffer is not None and buffer.covered_from is not None:
                buffer.append(event, now=now)
                woken.add(tenant)
        for tenant in woken:
            _wake(self._buffers[tenant])
        for buffer in self._buffers.values():
            buffer.trim(now=now)
        if len(found.events) < _PAGE:
            return found.horizon
        _, event_id, last = found.events[-1]
        return last.number, event_id

    def _start_again(self, reason: str) -> None:
        """End the streams, whose clients resume, and read from the last event that the database has."""
        self._end_all(reason)
        for buffer in self._buffers.values():
            buffer.events.clear()
            buffer.size_bytes, buffer.covered_from = 0, None
        self._last = None


def _wake(buffer: _Buffer) -> None:
    for stream in buffer.streams:
        stream.wake()
