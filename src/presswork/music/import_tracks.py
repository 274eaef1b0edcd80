"""Import a file of tracks into the music catalogue."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import COMMAND_LINE, Actor
from presswork.db.pool import Connection
from presswork.music.file import Fault, Found, TrackFile, open_tracks
from presswork.music.model import Track
from presswork.music.store import upsert_tracks

FAULTS_KEPT: Final = 1000
"""Most faults that a report lists; it counts all of them."""
_NAMES_KEPT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of an import."""

    unit: str
    """Unit of `Fault.place`: `line` or `element`."""
    added: int
    updated: int
    repeated: int
    """Tracks whose id occurs again later in the file; the last one was imported."""
    bad: int
    faults: Sequence[Fault]
    """The first `FAULTS_KEPT` of them."""
    ignored: Sequence[str]
    """Unknown fields in the file."""


@dataclass(slots=True)
class _Tally:
    good: int = 0
    bad: int = 0
    faults: list[Fault] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)

    def tracks(self, file: TrackFile) -> Iterator[Track]:
        """Yield the valid tracks, and count all."""
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


async def import_tracks(
    connection: Connection, source: io.BufferedReader, now: datetime, *, by: Actor = COMMAND_LINE
) -> Report:
    """Import the tracks of a file, replacing those with the same id, and return a report.

    Valid tracks are imported even if others are invalid, in one transaction. The file is read once, while it is sent to the
    database. Raises Invalid if it has no tracks at all, before anything is written.
    """
    file, tally = open_tracks(source), _Tally()
    async with connection.transaction():
        written = await upsert_tracks(connection, tally.tracks(file), now)
        detail = {"added": written.added, "updated": written.updated}
        await record(connection, Action.MUSIC_IMPORT, by=by, now=now, detail=detail)
    return Report(
        unit=file.unit,
        added=written.added,
        updated=written.updated,
        repeated=tally.good - written.added - written.updated,
        bad=tally.bad,
        faults=tally.faults,
        ignored=sorted(tally.ignored),
    )
