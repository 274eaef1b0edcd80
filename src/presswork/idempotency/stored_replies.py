"""Idempotency keys: run a use case once per key, and store its reply in the transaction of the rows it describes."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar
from uuid import UUID

import structlog

from presswork.core.errors import Code, Invalid, Issue, IssueCode, PressworkError
from presswork.crypto.keyring import Keyring, key_id_of
from presswork.db.errors import ROLLED_BACK_ERRORS
from presswork.db.pool import Connection, Pool, affected
from presswork.db.queries import load

Result = TypeVar("Result")

log = structlog.get_logger()

_SQL: Final = load("presswork.idempotency")
_FORM: Final = re.compile(r"[\x21-\x7e]{1,255}")

WINDOW: Final = timedelta(hours=24)
"""How long a reply is kept."""
MAX_ATTEMPTS: Final = 3
"""The most attempts of a transaction that PostgreSQL rolls back because of a concurrent one."""


class IdempotencyConflict(PressworkError):
    """The key was used for a different request."""

    code = Code.IDEMPOTENCY_CONFLICT
    sentence = (
        "This Idempotency-Key was used for a different request on this route. "
        "Send a new key for a new request; reuse a key only to retry the same request."
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """A serialized response, as it is sent and stored under an idempotency key."""

    status: int
    body: bytes
    is_replay: bool = False


class Replayed(Exception):
    """The key has a stored reply: `reply`."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("the idempotency key has a stored reply")
        self.reply: Final = reply


def read_key(values: list[str]) -> str | None:
    """Return the key from the values of the header, or None without one. Raises Invalid."""
    if not values:
        return None
    if len(values) > 1 or not _FORM.fullmatch(values[0]):
        problem = "is not one value of 1–255 visible ASCII characters. Send a new UUID, for example."
        raise Invalid([Issue.at("Idempotency-Key", problem, IssueCode.BAD_IDEMPOTENCY_KEY)])
    return values[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotentRequest:
    """One request with an idempotency key. `route` is a route pattern, without ids."""

    key_id: UUID
    route: str
    idempotency_key: str
    fingerprint: bytes
    now: datetime
    keyring: Keyring | None = None
    """Encrypts the stored reply, if it contains a secret."""

    @property
    def stale_before(self) -> datetime:
        """The time before which stored replies have expired."""
        return self.now - WINDOW

    def reply_of(self, stored_fingerprint: bytes, status: int, body: bytes) -> Reply:
        """Return a stored reply as a replay. Raises IdempotencyConflict if it is of a different request; SealBroken."""
        if stored_fingerprint != self.fingerprint:
            raise IdempotencyConflict
        is_sealed = self.keyring is not None and key_id_of(body) is not None
        return Reply(status, self.keyring.open(body) if self.keyring and is_sealed else body, is_replay=True)

    def stored(self, reply: Reply) -> bytes:
        """Return the body of a reply in its stored form."""
        return reply.body if self.keyring is None else self.keyring.seal(reply.body)

    async def find(self, connection: Connection | Pool) -> Reply | None:
        """Return the stored reply, if there is one. Raises IdempotencyConflict."""
        row = await connection.fetchrow(
            _SQL["find_reply"], self.key_id, self.route, self.idempotency_key, self.stale_before
        )
        return None if row is None else self.reply_of(row["fingerprint"], row["status"], row["body"])

    async def claim(self, connection: Connection) -> bool:
        """Claim the key in the caller's transaction, and return False if another request has claimed it.

        A concurrent request with the same key waits here until this transaction commits or rolls back.
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
        """Store the reply under the claimed key, in the same transaction."""
        await connection.execute(
            _SQL["store_reply"], self.key_id, self.route, self.idempotency_key, reply.status, self.stored(reply)
        )


class IdempotentCall(Generic[Result]):
    """One call of a use case: runs it once per key, in a transaction that also stores the reply."""

    def __init__(self, pool: Pool, request: IdempotentRequest | None, shape: Callable[[Result], Reply]) -> None:
        """`request` is None without a key; `shape` turns the use case's result into a reply."""
        self.pool: Final = pool
        self.request: Final = request
        self._shape: Final = shape
        self._replied: tuple[Result, Reply] | None = None

    def reply_to(self, result: Result) -> Reply:
        """Return the reply to a result. It is built once: `run_idempotent` sends the reply that was stored."""
        if self._replied is None or self._replied[0] is not result:
            self._replied = result, self._shape(result)
        return self._replied[1]

    async def raise_if_replied(self) -> None:
        """Raise Replayed if a reply is stored, so that slow work is not repeated. Raises IdempotencyConflict."""
        if self.request is not None and (stored := await self.request.find(self.pool)) is not None:
            raise Replayed(stored)

    async def run(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Run `work` in a transaction and store the reply to its result with it. Raises Replayed, IdempotencyConflict.

        An exception in `work` rolls everything back, so that the key can be used again. After a deadlock or a
        serialization failure the transaction is retried, so `work` must have no effects outside of it.
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
                    log.info("transaction rolled back, retrying", error=type(error).__name__)
                    continue
                if stored is not None:
                    raise Replayed(stored)
                # The stored reply was deleted between the two statements: retry.

    async def _run(self, connection: Connection, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        result = await work(connection)
        reply = self.reply_to(result)  # within the transaction, so that an error rolls it back
        if self.request is not None:
            await self.request.store(connection, reply)
        return result


async def run_idempotent(
    pool: Pool,
    request: IdempotentRequest | None,
    use_case: Callable[[IdempotentCall[Result]], Awaitable[Result]],
    shape: Callable[[Result], Reply],
) -> Reply:
    """Run a use case once per key, and return the reply to its result, or the stored reply."""
    call = IdempotentCall(pool, request, shape)
    try:
        result = await use_case(call)
    except Replayed as replayed:
        return replayed.reply
    return call.reply_to(result)


async def sweep(pool: Pool, *, now: datetime, limit: int = 10_000) -> int:
    """Delete expired replies, at most `limit`, and return how many were deleted."""
    return affected(await pool.execute(_SQL["sweep_replies"], now - WINDOW, limit))
