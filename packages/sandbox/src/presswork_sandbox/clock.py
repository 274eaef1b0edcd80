"""The sandbox's time of day: the system's clock plus an offset that the control surface moves forward."""

import time
from datetime import UTC, datetime

from presswork_sandbox.store import Store

HOUR: float = 3600.0
DAY: float = 24 * HOUR


class SandboxClock:
    """Sandbox time, in seconds since 1970, UTC. The offset survives a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset_seconds = float(store.fact("clock_offset_seconds") or 0.0)

    @property
    def offset_seconds(self) -> float:
        """How far sandbox time is ahead of the system's, seconds."""
        return self._offset_seconds

    def now(self) -> float:
        """Return the current sandbox instant, seconds since 1970."""
        return time.time() + self._offset_seconds

    def advance(self, seconds: float) -> None:
        """Move sandbox time forward, for good."""
        self._offset_seconds += seconds
        self._store.set_fact("clock_offset_seconds", repr(self._offset_seconds))

    def reset(self) -> None:
        """Go back to the system's time."""
        self._offset_seconds = 0.0
        self._store.set_fact("clock_offset_seconds", "0.0")


def iso(instant: float) -> str:
    """Write an instant as ISO 8601, UTC, milliseconds: what the control surface speaks."""
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def graph_time(instant: float) -> str:
    """Write an instant as Graph does: 2026-09-28T17:05:11+0000. Source: Meta, "IG Media", field timestamp."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
