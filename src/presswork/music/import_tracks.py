"""Filling the music catalogue from a file."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from presswork.audit.model import COMMAND_LINE, Action, Actor, Entry
from presswork.audit.record import record
from presswork.db.pool import Connection
from presswork.music.file import Fault, Found, TrackFile, open_tracks
from presswork.music.model import Track
from presswork.music.store import upsert_tracks

FAULTS_KEPT: Final = 1000
"""Faults that a report tells one by one; it counts all of them."""
_NAMES_KEPT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of an import."""

    unit: str
    """What `Fault.place` counts: `line` or `element`."""
    added: int
    updated: int
    repeated: int
    """Tracks whose id came again further on; the last one of them was taken."""
    bad: int
    faults: Sequence[Fault]
    """The first of them."""
    ignored: Sequence[str]
    """Names in the file that mean nothing here."""


@dataclass(slots=True)
class _Tally:
    good: int = 0
    bad: int = 0
    faults: list[Fault] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)

    def tracks(self, file: TrackFile) -> Iterator[Track]:
        """Yield the good ones, and keep count of all."""
        for entry in file.contents:
            match entry:
                case Found():
                    self.good += 1
                    if len(self.ignored) < _NAMES_KEPT:
                        self.ignored |= entry.ignored
                    yield entry.track
                case Fault():
                    self.bad += 1
                    if self.bad <= FAULTS_KEPT:
                        self.faults.append(entry)


async def bring_in_tracks(
    connection: Connection, source: io.BufferedReader, now: datetime, *, by: Actor = COMMAND_LINE
) -> Report:
    """Write the tracks of a file into the catalogue, in place of those with the same id, and tell what came of it.

    The good ones are taken whatever is wrong with others, in one transaction. The file is read once, as it is sent to
    the database. Raises Invalid when it holds no tracks at all, before anything is written.
    """
    file, tally = open_tracks(source), _Tally()
    async with connection.transaction():
        written = await upsert_tracks(connection, tally.tracks(file), now)
        entry = Entry(
            action=Action.MUSIC_IMPORT,
            actor=by,
            at=now,
            organization_id=None,
            environment=None,
            object_id=None,
            detail={"added": written.added, "updated": written.updated},
        )
        await record(connection, entry)
    return Report(
        unit=file.unit,
        added=written.added,
        updated=written.updated,
        repeated=tally.good - written.added - written.updated,
        bad=tally.bad,
        faults=tally.faults,
        ignored=sorted(tally.ignored),
    )
