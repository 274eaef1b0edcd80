"""Limit attempts to sign in, per account and address, in the database that all API processes share.

Three counters: of one account from one address, which stops guessing; of one address, which stops trying many accounts;
and of one account from anywhere, which is wide, so that strangers can't lock its owner out cheaply. An attempt that one of
them refuses is counted by none. A counter's name is a hash: no e-mail address is stored.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final
from uuid import UUID

from presswork.core.client_address import network_of, parse_address
from presswork.db.pool import Pool
from presswork.people.model import TooManyAttempts
from presswork.people.store import SQL

WINDOW: Final = timedelta(minutes=15)
PER_ACCOUNT_AND_ADDRESS: Final = 10
PER_ADDRESS: Final = 50
PER_ACCOUNT: Final = 100
PROOFS_PER_USER_AND_ADDRESS: Final = 5
PROOFS_PER_USER: Final = 10
"""Of codes of six digits, three of which are valid at a time: guessing one takes a year on average, and needs the password."""
PER_RECIPIENT: Final = 5
"""E-mails to one address, whichever organization has them sent."""
PER_ORGANIZATION: Final = 200
"""E-mails that one organization has sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt to sign in to an account from an address."""

    email: str
    address: str | None

    def counters(self) -> tuple[tuple[bytes, int], ...]:
        """Return the names of the counters with their limits, in the order in which they are counted."""
        network = _network(self.address)
        return (
            (_name("both", self.email, network), PER_ACCOUNT_AND_ADDRESS),
            (_name("address", network), PER_ADDRESS),
            (_name("account", self.email), PER_ACCOUNT),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofAttempt:
    """An attempt to prove who a person is, by a code or a password, after the first step of a sign-in or in a session."""

    user_id: UUID
    address: str | None

    def counters(self) -> tuple[tuple[bytes, int], ...]:
        """Return the names of the counters with their limits, in the order in which they are counted."""
        network, user = _network(self.address), str(self.user_id)
        return (
            (_name("proof both", user, network), PROOFS_PER_USER_AND_ADDRESS),
            (_name("proof address", network), PER_ADDRESS),
            (_name("proof user", user), PROOFS_PER_USER),
        )


async def count_attempt(pool: Pool, attempt: Attempt | ProofAttempt, *, now: datetime) -> None:
    """Count an attempt before it is checked, so that concurrent ones can't exceed a limit. Raises TooManyAttempts."""
    await _count(pool, attempt.counters(), now=now)


async def count_subject(pool: Pool, kind: str, address: str | None, *, limit: int, now: datetime) -> None:
    """Count what an address does without a sign-in, such as registering programs. Raises TooManyAttempts."""
    await _count(pool, [(_name(kind, _network(address)), limit)], now=now)


async def count_mail(pool: Pool, email: str, *, organization_id: UUID, now: datetime) -> None:
    """Count an e-mail before it is sent. Raises TooManyAttempts."""
    organization = _name("mail of", str(organization_id))
    await _count(pool, [(_name("mail to", email), PER_RECIPIENT), (organization, PER_ORGANIZATION)], now=now)


async def is_first_use(pool: Pool, kind: str, name: str, *, now: datetime) -> bool:
    """Record the use of something that serves once, and ends within WINDOW; return whether it is the first."""
    row = await pool.fetchrow(SQL["count_attempt"], _name(kind, name), now, int(WINDOW.total_seconds()))
    return row is not None and row["attempts"] == 1


async def _count(pool: Pool, counters: Sequence[tuple[bytes, int]], *, now: datetime) -> None:
    """Count by all counters. Where one is at its limit nothing is written: refused attempts with ever new names cost no rows."""
    window, limits = int(WINDOW.total_seconds()), dict(counters)
    full_since = await pool.fetchval(SQL["find_full_window"], list(limits), list(limits.values()), now, window)
    if full_since is not None:
        raise _too_many(full_since, now)
    for subject, limit in counters:
        row = await pool.fetchrow(SQL["count_attempt"], subject, now, window)
        if row is not None and row["attempts"] > limit:  # concurrent ones were faster
            raise _too_many(row["window_start"], now)


def _too_many(since: datetime, now: datetime) -> TooManyAttempts:
    left = (since + WINDOW - now).total_seconds()
    return TooManyAttempts(max(1, min(ceil(left), int(WINDOW.total_seconds()))))


async def uncount_attempt(pool: Pool, attempt: Attempt | ProofAttempt) -> None:
    """Uncount an attempt that succeeded. Failures before it still count: one address may have several passwords, in the
    organizations that have invited it, and knowing one of them must not make guesses at another free.
    """
    await pool.execute(SQL["uncount_attempts"], [subject for subject, _ in attempt.counters()])


def _network(address: str | None) -> str:
    parsed = parse_address(address)
    return "" if parsed is None else network_of(parsed)


def _name(*parts: str) -> bytes:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).digest()
