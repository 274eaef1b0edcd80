"""The music catalogue in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

from presswork.core.enums import Environment
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.music.model import Track

_SQL: Final = load("presswork.music")

MAX_USER_COUNT: Final = 2**63 - 1
"""Largest value of the column."""
FIELDS: Final = tuple(field.name for field in fields(Track))
"""Fields of a track, and columns of its table."""
_VALUES: Final = attrgetter(*FIELDS)


@dataclass(frozen=True, slots=True)
class TrackPosition:
    """The position of a track in the catalogue: most used first, then by descending id."""

    user_count: int
    id: UUID


TOP: Final = TrackPosition(MAX_USER_COUNT, UUID(int=2**128 - 1))
"""Before every track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many tracks were new, and how many replaced one with the same id."""

    added: int
    updated: int


async def upsert_tracks(connection: Connection, tracks: Iterable[Track], now: datetime) -> Written:
    """Write tracks, replacing those with the same id; all of them or none. Of two with the same id the later one wins.

    The tracks are streamed, so any number of them needs little memory.
    """
    async with connection.transaction():
        await connection.execute(_SQL["make_incoming"])
        await connection.copy_records_to_table(
            "incoming_tracks",
            records=((place, *_VALUES(track)) for place, track in enumerate(tracks)),
            columns=("place", *FIELDS),
        )
        row = await connection.fetchrow(_SQL["merge_incoming"], now)
        if row is None:
            raise AssertionError("the statement returns one row")
    return Written(added=row["written"] - row["updated"], updated=row["updated"])


async def shows_samples(connection: "Connection | Pool", environment: Environment) -> bool:
    """Whether the tracks of a caller are the samples of the sandbox: in test projects, until the operator imports others."""
    return environment is Environment.TEST and not await connection.fetchval(_SQL["has_tracks"])


async def list_tracks(
    connection: "Connection | Pool",
    *,
    text: str | None,
    after: TrackPosition | None,
    limit: int,
    are_samples: bool = False,
) -> Sequence[Track]:
    """Return up to `limit` tracks after a position, of those with the text in title, author or album."""
    start = after or TOP
    place = (start.user_count, start.id, limit)
    if text:
        rows = await connection.fetch(_SQL["find_tracks"], are_samples, _pattern(text), *place)
    else:
        rows = await connection.fetch(_SQL["list_tracks"], are_samples, *place)
    return [Track(**dict(row)) for row in rows]


async def count_tracks(connection: "Connection | Pool", *, text: str | None, are_samples: bool = False) -> int:
    """Count the tracks with the text in title, author or album."""
    if text:
        return int(await connection.fetchval(_SQL["count_found"], are_samples, _pattern(text)))
    return int(await connection.fetchval(_SQL["count_tracks"], are_samples))


def _pattern(text: str) -> str:
    """Return a LIKE pattern that matches the literal text anywhere."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
