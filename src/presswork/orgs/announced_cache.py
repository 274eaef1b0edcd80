"""A cache of rows whose changes are announced by notifications."""

from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Final, Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Row = TypeVar("Row")

CACHE_SECONDS: Final = 5.0
"""Longest time that a cached row is used, in case the notification of its change is lost."""
_CACHE_SIZE: Final = 10_000
"""Most rows, and most names without a row."""


class AnnouncedCache(Generic[Name, Row]):
    """Rows by name, bounded in age and number. `forget` drops those whose change was announced.

    It is active only while notifications arrive: before the first `on_connected` and after `on_disconnected`, each row is
    read from the database. Names without a row are apart, so that a caller who makes up names drops no rows.
    """

    def __init__(self, read: Callable[[Name], Awaitable[Row | None]]) -> None:
        self._read = read
        self._found: dict[Name, tuple[float, Row]] = {}
        self._missing: dict[Name, float] = {}
        self._changes = 0
        self._is_subscribed = False

    @property
    def is_subscribed(self) -> bool:
        """Whether notifications arrive, so that rows may be cached."""
        return self._is_subscribed

    def on_connected(self) -> None:
        """Start caching. Drops all rows, since notifications may have been missed."""
        self._is_subscribed = True
        self.forget_all()

    def on_disconnected(self) -> None:
        """Drop all rows and stop caching, since notifications no longer arrive."""
        self._is_subscribed = False
        self.forget_all()

    def forget(self, name: Name) -> None:
        """Drop the row with this name."""
        self._changes += 1
        self._found.pop(name, None)
        self._missing.pop(name, None)

    def forget_where(self, holds: Callable[[Row], bool]) -> None:
        """Drop the rows for which a condition holds."""
        self._changes += 1
        for name in [name for name, (_, row) in self._found.items() if holds(row)]:
            del self._found[name]

    def forget_all(self) -> None:
        """Drop all rows."""
        self._changes += 1
        self._found.clear()
        self._missing.clear()

    def replace(self, name: Name, row: Row, changed: Row) -> None:
        """Replace a row by a changed one of the same age, if it is still cached."""
        known = self._found.get(name)
        if known is not None and known[1] is row:
            self._found[name] = (known[0], changed)

    async def find(self, name: Name) -> Row | None:
        """Return the row with this name, or None."""
        now = monotonic()
        known = self._found.get(name)
        if known is not None and now - known[0] < CACHE_SECONDS:
            return known[1]
        if now - self._missing.get(name, -CACHE_SECONDS) < CACHE_SECONDS:
            return None
        changes = self._changes
        row = await self._read(name)
        if self._is_subscribed and changes == self._changes:
            # Otherwise the row may be older than a notification that arrived during the query.
            if row is None:
                _make_room(self._missing)
                self._missing[name] = now
            else:
                _make_room(self._found)
                self._found[name] = (now, row)
        return row


def _make_room(cached: dict[Name, Row]) -> None:
    if len(cached) >= _CACHE_SIZE:
        cached.clear()
