"""Idempotency keys: run a use case once per key, and store its reply in the transaction of the rows it describes."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar
from uuid import UUID

import structlog

from presswork.core.errors import Code, Invalid, Issue, PressworkError
from presswork.crypto.keyring import Keyring, key_id_of
from presswork.db.errors import ROLLED_BACK_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load

Result = TypeVar("Result")

log = structlog.get_logger()

_SQL: Final = load("presswork.idempotency")
_FORM: Final = re.compile(r"[\x21-\x7e]{1,255}")

WINDOW: Final = timedelta(hours=24)
"""How long a reply is kept."""
MAX_ATTEMPTS: Final = 3
"""How often a transaction runs that PostgreSQL rolls back because of another one."""


class IdempotencyConflict(PressworkError):
    """The key was used for another request."""

    code = Code.IDEMPOTENCY_CONFLICT

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This Idempotency-Key was used for another request on this route. "
            "Take a fresh key for a new request; keep a key only to repeat the very same one."
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished reply, as it is sent and as it is stored under an idempotency key."""

    status: int
    body: bytes
    is_replay: bool = False


class Replayed(Exception):
    """The request was answered before; `reply` is what was stored."""

    def __init__(self, reply: Reply) -> None:
        """Carry the stored reply."""
        super().__init__("the request was answered before")
        self.reply: Final = reply


def read_key(values: list[str]) -> str | None:
    """Return the one key among a header's values, None where there is none. Raises Invalid."""
    if not values:
        return None
    if len(values) > 1 or not _FORM.fullmatch(values[0]):
        sentence = "must be one value of 1–255 visible ASCII characters; a UUID is a good choice"
        raise Invalid([Issue("Idempotency-Key", sentence, "bad_idempotency_key")])
    return values[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotentRequest:
    """One request under one idempotency key. `route` is a pattern, so that ids don't matter there."""

    key_id: UUID
    route: str
    idempotency_key: str
    fingerprint: bytes
    now: datetime
    keyring: Keyring | None = None
    """Seals the stored reply, where it shows a secret."""

    @property
    def stale_before(self) -> datetime:
        """Replies older than this no longer count."""
        return self.now - WINDOW

    def reply_of(self, stored_fingerprint: bytes, status: int, body: bytes) -> Reply:
        """Return a stored reply as a replay. Raises IdempotencyConflict if it answered another request; SealBroken."""
        if stored_fingerprint != self.fingerprint:
            raise IdempotencyConflict
        is_sealed = self.keyring is not None and key_id_of(body) is not None
        return Reply(status, self.keyring.open(body) if self.keyring and is_sealed else body, is_replay=True)

    def stored(self, reply: Reply) -> bytes:
        """Return the body of a reply as it is stored."""
        return reply.body if self.keyring is None else self.keyring.seal(reply.body)

    async def find(self, connection: Connection | Pool) -> Reply | None:
        """Return the stored reply, if there is one. Raises IdempotencyConflict."""
        row = await connection.fetchrow(
            _SQL["find_reply"], self.key_id, self.route, self.idempotency_key, self.stale_before
        )
        return None if row is None else self.reply_of(row["fingerprint"], row["status"], row["body"])

    async def claim(self, connection: Connection) -> bool:
        """Take the key within a transaction, and return False if another request has it.

        A request under the same key that runs at the same time waits here until this one commits or rolls back.
        """
        return bool(
            await connection.fetchval(
                _SQL["claim_reply"],
                self.key_id,
                self.route,
                self.idempotency_key,
                self.fingerprint,
                self.now,
                self.stale_before,
            )
        )

    async def store(self, connection: Connection, reply: Reply) -> None:
        """Store the reply under the key that this transaction has claimed."""
        await connection.execute(
            _SQL["store_reply"], self.key_id, self.route, self.idempotency_key, reply.status, self.stored(reply)
        )


class IdempotentCall(Generic[Result]):
    """One call of a use case: it runs in a transaction once per key, and its shaped result is stored with it."""

    def __init__(self, pool: Pool, request: IdempotentRequest | None, shape: Callable[[Result], Reply]) -> None:
        """Take the request, None without a key, and how the use case's result becomes a reply."""
        self.pool: Final = pool
        self.request: Final = request
        self.shape: Final = shape
        self.reply: Reply | None = None
        """The reply to the last result of `run`."""

    async def raise_if_replied(self) -> None:
        """Raise Replayed if the request was answered before, so that slow work is not repeated. IdempotencyConflict."""
        if self.request is not None and (stored := await self.request.find(self.pool)) is not None:
            raise Replayed(stored)

    async def run(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Run `work` in a transaction and store the reply to its result with it. Raises Replayed, IdempotencyConflict.

        An exception out of `work` rolls everything back, so that the same key can be tried again. After a deadlock or a
        serialization failure the transaction runs again, so `work` must have no effect outside of it.
        """
        async with self.pool.acquire() as connection:
            attempts = 1
            while True:
                try:
                    async with connection.transaction():
                        if self.request is None or await self.request.claim(connection):
                            return await self._run(connection, work)
                        stored = await self.request.find(connection)
                except ROLLED_BACK_ERRORS as error:
                    if attempts == MAX_ATTEMPTS:
                        raise
                    attempts += 1
                    log.info("transaction rolled back; running it again", error=type(error).__name__)
                    continue
                if stored is not None:
                    raise Replayed(stored)
                # The stored reply was swept between the two statements: this request is the first again.

    async def _run(self, connection: Connection, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        result = await work(connection)
        self.reply = self.shape(result)
        if self.request is not None:
            await self.request.store(connection, self.reply)
        return result


async def run_idempotent(
    pool: Pool,
    request: IdempotentRequest | None,
    use_case: Callable[[IdempotentCall[Result]], Awaitable[Result]],
    shape: Callable[[Result], Reply],
) -> Reply:
    """Run a use case once per key, and return the reply to its result, or the stored one."""
    call = IdempotentCall(pool, request, shape)
    try:
        result = await use_case(call)
    except Replayed as replayed:
        return replayed.reply
    return call.reply or shape(result)


async def sweep(pool: Pool, *, now: datetime, limit: int = 10_000) -> int:
    """Delete replies whose window is over, at most `limit`; return how many were deleted."""
    deleted = await pool.execute(_SQL["sweep_replies"], now - WINDOW, limit)
    return int(deleted.rpartition(" ")[2])
