"""The music catalogue in the database."""

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class TrackPosition:
    """The place of a track in the catalogue: most used first, then by id, falling."""

    user_count: int
    id: UUID


TOP: Final = TrackPosition(MAX_USER_COUNT, UUID(int=2**128 - 1))
"""Before every track."""


async def upsert_tracks(connection: Connection, tracks: Sequence[Track], now: datetime) -> None:
    """Write tracks, in place of those with the same id; all of them or, in a transaction of its own, none."""
    async with connection.transaction():
        await connection.executemany(
            _SQL["upsert_track"],
            [
                (
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
                    now,
                )
                for track in tracks
            ],
        )


async def list_tracks(pool: Pool, *, text: str | None, after: TrackPosition | None, limit: int) -> Sequence[Track]:
    """Return up to `limit` tracks from behind a place, of those with the text in title, author or album."""
    start = after or TOP
    rows = await pool.fetch(_SQL["list_tracks"], _pattern(text), start.user_count, start.id, limit)
    return [Track(**dict(row)) for row in rows]


async def count_tracks(pool: Pool, *, text: str | None) -> int:
    """Return how many tracks there are with the text in title, author or album."""
    return int(await pool.fetchval(_SQL["count_tracks"], _pattern(text)))


def _pattern(text: str | None) -> str | None:
    """Return a LIKE pattern that finds the text itself anywhere, whatever characters it holds."""
    if not text:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
