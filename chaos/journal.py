"""Read the sandbox's journal during a run: calls, faults and rate limit refusals."""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chaos.platforms import PLATFORMS
from presswork.accounts.tokens import REFRESHED

_POLL_SECONDS: Final = 1.0
_AT_ONCE: Final = 20_000
_DONE_ALL_THE_SAME: Final = frozenset({"drop_after_effect", "malformed_json"})
"""Faults that lose the response after the call took effect."""

_NONCE: Final = "use_dpop_nonce"
"""Bluesky asks for a proof with a nonce before it looks at the refresh token."""

_NEW: Final = """
SELECT id, platform, operation, handle, status, fault,
       CASE platform WHEN 'tiktok' THEN coalesce(json_extract(response, '$.error.code'), '')
                     WHEN 'bluesky' THEN coalesce(json_extract(response, '$.error'), '') ELSE '' END AS code
  FROM journal WHERE id > ? ORDER BY id LIMIT ?
"""
_LIMITS: Final = frozenset({"rate_limit_exceeded", "spam_risk_too_many_posts", "spam_risk_too_many_pending_share"})


@dataclass(slots=True, kw_only=True)
class PlatformCounts:
    """Counts of the calls to the platforms."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By platform and operation."""
    faults: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Calls with a fault, by platform, operation and fault."""
    over_limit: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Calls that a rate limit refused, without a fault, by platform, operation and the platform's code."""
    refreshes: Counter[str] = field(default_factory=Counter)
    """Refreshes that returned new tokens, by handle, also in a response that was lost."""
    late_refusals: Counter[str] = field(default_factory=Counter)
    """Refreshes that the platform refused when they arrived late, after their repetition, by handle."""
    expired: Counter[str] = field(default_factory=Counter)
    """Tokens that a fault expired, by handle."""
    unread: int = 0
    """Lines that the journal deleted before they were read."""


class JournalReader:
    """Reads the sandbox's file, so that reading costs the sandbox nothing and no fault affects it."""

    def __init__(self, state_file: Path) -> None:
        """Read from `state_file`, which need not exist yet."""
        self._file: Final = state_file
        self._last = 0
        self.counts: Final = PlatformCounts()

    async def run(self) -> None:
        """Read new lines until cancelled."""
        while True:
            await self.catch_up()
            await asyncio.sleep(_POLL_SECONDS)

    async def catch_up(self) -> None:
        """Read all new lines."""
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
        counts, call = self.counts, (row["platform"], row["operation"])
        counts.unread += row["id"] - self._last - 1
        self._last = row["id"]
        is_late_effect = row["fault"] == "late_effect" and row["status"] is not None  # of a call with a line of its own
        counts.calls[call] += not is_late_effect
        if row["fault"] is not None:
            counts.faults[*call, row["fault"]] += not is_late_effect
        elif row["code"] in _LIMITS:
            counts.over_limit[*call, row["code"]] += 1
        if row["platform"] not in PLATFORMS:
            return
        counts.expired[row["handle"]] += row["fault"] == "token_expired"
        if row["operation"] == "refresh" and row["code"] != _NONCE:
            counts.refreshes[row["handle"]] += row["status"] == 200 or row["fault"] in _DONE_ALL_THE_SAME
            counts.late_refusals[row["handle"]] += is_late_effect and row["status"] != 200


async def count_stored_refreshes(folder: Path, journal: JournalReader) -> Counter[str]:
    """Count the refreshed tokens that were stored for each account, by the program's logs in a folder, and let `journal` catch up.

    In this order: workers continue during the check, and each refresh is in the journal before it is in a log. The other way round, one
    more would be stored than the platform has made.
    """
    stored = await asyncio.to_thread(_read_stored_refreshes, folder)
    await journal.catch_up()
    return stored


def _read_stored_refreshes(folder: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for file in folder.glob("*.log"):
        with file.open(errors="replace") as lines:
            found.update(str(json.loads(line)["account"]) for line in lines if f'"event": "{REFRESHED}"' in line)
    return found
