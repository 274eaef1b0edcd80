"""Rate limits: one counter per key, class and minute, kept in the database so that all API processes share it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Final

from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.orgs.model import Principal, Tier

_SQL: Final = load("presswork.orgs")

WINDOW_SECONDS: Final = 60
UNLIMITED: Final = 1_000_000_000
"""What the headers of an unlimited key say."""


class RateClass(StrEnum):
    """`read`: GET; `write`: everything else."""

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
"""Calls a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """How a key stands: `remaining` below zero means that this call is one too many."""

    limit: int
    remaining: int
    reset_seconds: int


async def count_call(pool: Pool, caller: Principal, kind: RateClass, *, now: datetime) -> RateState:
    """Count one call of a limited key and return how it stands."""
    limit = LIMITS[caller.tier, kind]
    row = await pool.fetchrow(_SQL["count_call"], caller.key_id, kind.value, now, WINDOW_SECONDS)
    if row is None:
        raise RuntimeError("the counter gave no row back")
    left = WINDOW_SECONDS - (now - row["window_start"]).total_seconds()
    reset_seconds = max(1, min(WINDOW_SECONDS, ceil(left)))  # another process's clock may be a little ahead or behind
    return RateState(limit=limit, remaining=limit - row["calls"], reset_seconds=reset_seconds)
