"""Follows the platforms' journal while a run goes on: which calls came, which faults hit them, what was refused for a limit."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_LOOK_SECONDS: Final = 1.0
_AT_ONCE: Final = 20_000
_DONE_ALL_THE_SAME: Final = frozenset({"drop_after_effect", "malformed_json"})
"""Faults behind which a call has done its work, though its answer was lost."""

_NEW: Final = """
SELECT id, platform, operation, handle, status, fault,
       CASE WHEN platform = 'tiktok' THEN coalesce(json_extract(response, '$.error.code'), '') ELSE '' END AS code
  FROM journal WHERE id > ? ORDER BY id LIMIT ?
"""
_LIMITS: Final = frozenset({"rate_limit_exceeded", "spam_risk_too_many_posts", "spam_risk_too_many_pending_share"})


@dataclass(slots=True, kw_only=True)
class Met:
    """What the platforms met, counted call by call."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By platform and operation."""
    faults: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Calls that a fault hit, by platform, operation and fault."""
    over_limit: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Calls that were refused for a limit without having been told to, by platform, operation and the platform's code."""
    renewals: Counter[str] = field(default_factory=Counter)
    """Pairs of tokens that TikTok gave out on a refresh, by handle."""
    expired: Counter[str] = field(default_factory=Counter)
    """Tokens that were ended early on purpose on Instagram, by handle."""
    unread: int = 0
    """Lines that the journal had dropped before they were read."""


class Follower:
    """Reads the sandbox's own file, so that following costs the sandbox nothing and no fault gets in the way."""

    def __init__(self, state_file: Path) -> None:
        """Take the file; it need not be there yet."""
        self._file: Final = state_file
        self._last = 0
        self.met: Final = Met()

    async def follow(self) -> None:
        """Read on, for ever."""
        while True:
            await self.catch_up()
            await asyncio.sleep(_LOOK_SECONDS)

    async def catch_up(self) -> None:
        """Read all that is there."""
        while rows := await asyncio.to_thread(self._read):
            for row in rows:
                self._count(row)

    def _read(self) -> Sequence[sqlite3.Row]:
        if not self._file.exists():
            return []
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=10)) as database:
            database.row_factory = sqlite3.Row
            return database.execute(_NEW, (self._last, _AT_ONCE)).fetchall()

    def _count(self, row: sqlite3.Row) -> None:
        met, call = self.met, (row["platform"], row["operation"])
        met.unread += row["id"] - self._last - 1
        self._last = row["id"]
        met.calls[call] += 1
        if row["fault"] is not None:
            met.faults[*call, row["fault"]] += 1
        elif row["code"] in _LIMITS:
            met.over_limit[*call, row["code"]] += 1
        if row["platform"] == "instagram" and row["fault"] == "token_expired":
            met.expired[row["handle"]] += 1
        if call == ("tiktok", "refresh") and (row["status"] == 200 or row["fault"] in _DONE_ALL_THE_SAME):
            met.renewals[row["handle"]] += 1
