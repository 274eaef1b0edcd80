"""Rate limits: one counter per key or user, class and minute in the database, which all API processes share."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Final

from presswork.callers.model import Principal, Tier
from presswork.db.pool import Pool
from presswork.db.queries import load

_SQL: Final = load("presswork.orgs")

WINDOW_SECONDS: Final = 60


class RateClass(StrEnum):
    """`read` is GET, `write` is every other method."""

    READ = "read"
    WRITE = "write"


LIMITS: Final = {
    (Tier.STANDARD, RateClass.READ): 120,
    (Tier.STANDARD, RateClass.WRITE): 60,
    (Tier.PILOT, RateClass.READ): 1_200,
    (Tier.PILOT, RateClass.WRITE): 600,
    (Tier.PARTNER, RateClass.READ): 6_000,
    (Tier.PARTNER, RateClass.WRITE): 3_000,
}
"""Requests per minute."""
UNCOUNTED: Final = 60_000
"""What is reported to keys without a limit, whose requests are not counted: about what one process serves in a minute.
Source: docs/performance.md, publish calls of 16 concurrent clients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """State of a key's limit. `remaining` is negative if this request exceeds it."""

    limit: int
    remaining: int
    reset_seconds: int


async def count_call(pool: Pool, caller: Principal, kind: RateClass, *, now: datetime) -> RateState:
    """Count one request and return the state of the caller's limit. That of an unlimited key is not counted."""
    if caller.tier is Tier.UNLIMITED:
        return RateState(limit=UNCOUNTED, remaining=UNCOUNTED, reset_seconds=WINDOW_SECONDS)
    limit = LIMITS[caller.tier, kind]
    row = await pool.fetchrow(_SQL["count_call"], caller.id, kind.value, now, WINDOW_SECONDS)
    if row is None:
        raise RuntimeError("the counter returned no row")
    left = WINDOW_SECONDS - (now - row["window_start"]).total_seconds()
    reset_seconds = max(1, min(WINDOW_SECONDS, ceil(left)))  # the clock of another process may differ
    return RateState(limit=limit, remaining=limit - row["calls"], reset_seconds=reset_seconds)
