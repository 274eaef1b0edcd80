"""The music catalogue in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.music.model import Track

_SQL: Final = load("presswork.music")

MAX_USER_COUNT: Final = 2**63 - 1
"""What the column holds."""
_COLUMNS: Final = (
    "place",
    "id",
    "title",
    "author",
    "album",
    "duration_seconds",
    "preview_url",
    "cover_url",
    "language",
    "user_count",
    "is_commerce_music",
    "link",
)


@dataclass(frozen=True, slots=True)
class TrackPosition:
    """The place of a track in the catalogue: most used first, then by id, falling."""

    user_count: int
    id: UUID


TOP: Final = TrackPosition(MAX_USER_COUNT, UUID(int=2**128 - 1))
"""Before every track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of tracks that were written: how many are new, and how many took the place of one with their id."""

    added: int
    updated: int


async def upsert_tracks(connection: Connection, tracks: Iterable[Track], now: datetime) -> Written:
    """Write tracks, in place of those with the same id; all of them or none. Of two with one id the later one counts.

    The tracks are read as they are sent, so that any number of them needs little memory.
    """
    async with connection.transaction():
        await connection.execute(_SQL["make_incoming"])
        await connection.copy_records_to_table(
            "incoming_tracks",
            records=(
                (
                    place,
                    track.id,
                    track.title,
                    track.author,
                    track.album,
                    track.duration_seconds,
                    track.preview_url,
                    track.cover_url,
                    track.language,
                    track.user_count,
                    track.is_commerce_music,
                    track.link,
                )
                for place, track in enumerate(tracks)
            ),
            columns=_COLUMNS,
        )
        row = await connection.fetchrow(_SQL["take_incoming"], now)
        if row is None:
            raise AssertionError("the statement returns one row")
    return Written(added=row["written"] - row["updated"], updated=row["updated"])


async def list_tracks(
    connection: "Connection | Pool", *, text: str | None, after: TrackPosition | None, limit: int
) -> Sequence[Track]:
    """Return up to `limit` tracks from behind a place, of those with the text in title, author or album."""
    start = after or TOP
    place = (start.user_count, start.id, limit)
    if text:
        rows = await connection.fetch(_SQL["find_tracks"], _pattern(text), *place)
    else:
        rows = await connection.fetch(_SQL["list_tracks"], *place)
    return [Track(**dict(row)) for row in rows]


async def count_tracks(connection: "Connection | Pool", *, text: str | None) -> int:
    """Return how many tracks there are with the text in title, author or album."""
    if text:
        return int(await connection.fetchval(_SQL["count_found"], _pattern(text)))
    return int(await connection.fetchval(_SQL["count_tracks"]))


def _pattern(text: str) -> str:
    """Return a LIKE pattern that finds the text itself anywhere, whatever characters it holds."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
