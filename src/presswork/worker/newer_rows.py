"""Rows with a value that only a newer version of Presswork knows: a worker skips them and leaves them to that version."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

import asyncpg

MAX_WAIT: Final = timedelta(hours=48)
"""How long a post waits for a worker of the newer version, from its first claim. The value may also be one that this version
no longer has, and then no such worker ever comes."""
MAX_REMEMBERED: Final = 1_000
"""Limit of remembered rows; beyond it the oldest is dropped, and may be claimed and released again."""
_Choice = TypeVar("_Choice", bound=StrEnum)


class NewerValue(ValueError):
    """A row has a value that only a newer version of Presswork knows; a worker of that version does the work."""


def known(choices: type[_Choice], row: asyncpg.Record, column: str) -> _Choice:
    """Return the value of a column. Raises NewerValue if this version does not know it."""
    try:
        return choices(row[column])
    except ValueError as error:
        raise NewerValue(f"{column} is {row[column]!r}") from error


class NewerRows:
    """The rows that this process does not claim again."""

    def __init__(self) -> None:
        self._ids: Final[dict[UUID, datetime | None]] = {}  # until when, in order of their first claim

    @property
    def ids(self) -> Sequence[UUID]:
        """The remembered rows."""
        return list(self._ids)

    def forget_due(self, now: datetime) -> None:
        """Forget the rows that were remembered until now."""
        for row_id in [row_id for row_id, until in self._ids.items() if until is not None and until <= now]:
            del self._ids[row_id]

    def add(self, row_id: UUID, *, until: datetime | None = None) -> bool:
        """Remember a row until an instant, or for ever; return False if it is remembered already."""
        if row_id in self._ids:
            return False
        while len(self._ids) >= MAX_REMEMBERED:
            del self._ids[next(iter(self._ids))]
        self._ids[row_id] = until
        return True
