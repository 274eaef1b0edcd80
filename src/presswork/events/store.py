"""Storage of the events of streams."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.core.ids import EVENT, id_at, oldest_id, public_ulid
from presswork.core.timestamps import write_instant
from presswork.db.listener import EVENTS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.events.model import body_of, review_link_in

_SQL: Final = load("presswork.events")

RESUMABLE_FOR: Final = timedelta(hours=1)
"""How long events are kept, and how long at least they are written for a stream that no client reads any more."""
KEPT_FOR: Final = timedelta(minutes=75)
"""How long a stream is kept at a time; the rest over RESUMABLE_FOR is the time in which it has to be kept again."""
KEEP_AGAIN_AFTER: Final = timedelta(minutes=10)
_NUMBERED_AT_ONCE: Final = 1_000
_WITH_INSTANT: Final = 7
"""The version of a UUID that contains an instant."""
_START: Final = "stream.start"
"""The type of an event that marks the start of a stream, so that a client can resume before its first event."""
_LINE: Final = re.compile("\r\n|\r|\n")

Tenant = tuple[UUID, str]
"""An organization and one of its environments."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """A committed event, as it is sent."""

    number: int
    project_id: UUID | None
    block: bytes
    block_for_deciders: bytes
    """For callers that may decide on content: with the URL of the event's review link, if it has one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The next events of some tenants, and the last event of all that exists."""

    previous_id: UUID | None
    """The event at the position from which they were read."""
    horizon: tuple[int, UUID | None]
    events: Sequence[tuple[Tenant, UUID, StreamEvent]]


def _block_of(row: asyncpg.Record, *, review_url: str | None) -> bytes:
    """Return an event as a block of a stream: the data is the body of its webhook."""
    event_id = public_ulid(EVENT, row["event_id"])
    body = body_of(
        webhook_id=event_id,
        event_type=row["event_type"],
        occurred_at=write_instant(row["occurred_at"]),
        data=row["data"],
        review_url=review_url,
    )
    lines = "".join(f"data: {line}\n" for line in _LINE.split(body))
    return f"id: {event_id}\nevent: {row['event_type']}\n{lines}\n".encode()


class EventStore:
    """Reads and numbers events through a pool."""

    def __init__(self, pool: Pool, *, review_url_of: Callable[[str], str | None] | None = None) -> None:
        """`review_url_of` returns the URL of a review link from what its event stores; without it, none."""
        self._pool: Final = pool
        self._review_url_of: Final = review_url_of

    async def keep(self, tenant: Tenant, *, now: datetime | None, since: datetime) -> None:
        """Have the events of a tenant written, from the commit on, for KEPT_FOR. `now` is None for the database's time.

        `since` is stored as the start of the stream, if it does not exist.
        """
        await self._pool.execute(_SQL["keep_stream"], *tenant, now, KEPT_FOR, id_at(since))

    async def number_all(self, *, now: datetime | None) -> None:
        """Number all events that are committed."""
        while await self.number(limit=_NUMBERED_AT_ONCE, now=now) == _NUMBERED_AT_ONCE:
            pass

    async def number(self, *, limit: int, now: datetime | None) -> int:
        """Number up to `limit` committed events, and return how many."""
        return int(await self._pool.fetchval(_SQL["number_events"], limit, now))

    async def last_event(self, tenant: Tenant, *, now: datetime) -> tuple[int, UUID]:
        """Return the last event of a tenant that has a stream. Writes one that is not sent, if there is none."""
        while True:
            row = await self._pool.fetchrow(_SQL["last_event"], *tenant)
            if row is not None:
                return row["number"], row["event_id"]
            start = {"project_id": None, "event_id": id_at(now), "event_type": _START, "occurred_at": now, "data": "{}"}
            await self._pool.execute(_SQL["insert_event"], *tenant, *start.values())
            await self.number_all(now=now)

    async def number_of(self, tenant: Tenant, event_id: UUID) -> int | None:
        """Return the number of an event; None if it is not kept, or older than the tenant's stream.

        Such an event may be left from an earlier stream; since then, no event was written for a while.
        """
        row = await self._pool.fetchrow(_SQL["number_of_event"], *tenant, event_id)
        if row is None:
            return None
        stream_id, number = row["stream_id"], int(row["number"])
        has_start = stream_id.version == _WITH_INSTANT  # else, a process of an earlier version has written it
        is_older = has_start and stream_id >= oldest_id(row["numbered_at"] + timedelta(milliseconds=1))
        return None if is_older else number

    async def read(self, organizations: Sequence[UUID], *, after: int, limit: int) -> Reading:
        """Return the next events of some organizations."""
        rows = await self._pool.fetch(_SQL["read_events"], after, organizations, limit)
        first = rows[0]
        events = [
            ((row["organization_id"], row["environment"]), row["event_id"], self._event_of(row))
            for row in rows
            if row["number"] is not None
        ]
        return Reading(first["previous_id"], (first["horizon"] or 0, first["horizon_id"]), events)

    async def replay(self, tenant: Tenant, *, after: int, limit: int) -> Sequence[StreamEvent]:
        """Return the next events of one tenant."""
        return [self._event_of(row) for row in await self._pool.fetch(_SQL["replay_events"], *tenant, after, limit)]

    def _event_of(self, row: asyncpg.Record) -> StreamEvent:
        number, project_id = row["number"], row["project_id"]
        if row["event_type"] == _START:
            return StreamEvent(number, project_id, b"", b"")
        block = _block_of(row, review_url=None)
        stored = review_link_in(row["event_type"], row["data"])
        if stored is None or self._review_url_of is None:
            return StreamEvent(number, project_id, block, block)
        return StreamEvent(number, project_id, block, _block_of(row, review_url=self._review_url_of(stored)))


async def notify_streams(pool: Pool) -> bool:
    """Wake the processes with open streams. Returns whether there may be any."""
    return await pool.fetchrow(_SQL["notify_streams"], EVENTS) is not None


async def sweep_events(pool: Pool, *, now: datetime, limit: int) -> int:
    """Number what no process reads, delete what can't be resumed, and return the number of deleted events."""
    await EventStore(pool).number_all(now=now)
    await pool.execute(_SQL["sweep_streams"], now)
    return int(await pool.fetchval(_SQL["sweep_events"], now - RESUMABLE_FOR, limit))


async def insert_event(
    connection: Connection,
    tenant: Tenant,
    *,
    project_id: UUID | None,
    event_id: UUID,
    event_type: str,
    occurred_at: datetime,
    data: str,
) -> None:
    """Write an event that is no change, if the tenant has a stream."""
    await connection.execute(_SQL["insert_event"], *tenant, project_id, event_id, event_type, occurred_at, data)
