"""Idempotency keys: the stored answer is written in the same transaction as the rows it speaks of."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import Depends, Request

from presswork.api.responses import Reply
from presswork.core.errors import Code, Invalid, Issue, PressworkError
from presswork.crypto.keyring import Keyring, key_id_of
from presswork.db.errors import ROLLED_BACK_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load

log = structlog.get_logger()

_SQL: Final = load("presswork.idempotency")
_FORM: Final = re.compile(r"[\x21-\x7e]{1,255}")

WINDOW: Final = timedelta(hours=24)
"""How long an answer is kept."""
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


def _read_key(values: list[str]) -> str | None:
    if not values:
        return None
    if len(values) > 1 or not _FORM.fullmatch(values[0]):
        sentence = "must be one value of 1–255 visible ASCII characters; a UUID is a good choice"
        raise Invalid([Issue("Idempotency-Key", sentence, "bad_idempotency_key")])
    return values[0]


@dataclass(frozen=True)
class ReadIdempotencyKey:
    """Dependency that reads the header; the OpenAPI generator documents the parameter where it finds this."""

    async def __call__(self, request: Request) -> str | None:
        """Return the key, or None. Raises Invalid."""
        return _read_key(request.headers.getlist("idempotency-key"))


IdempotencyKey = Annotated[str | None, Depends(ReadIdempotencyKey())]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotentRequest:
    """One request under one idempotency key."""

    key_id: UUID
    route: str
    idempotency_key: str
    fingerprint: bytes
    now: datetime
    keyring: Keyring | None = None
    """What the answer is sealed with before it is stored, where it shows a secret."""

    @property
    def stale_before(self) -> datetime:
        """Answers older than this no longer count."""
        return self.now - WINDOW

    @classmethod
    def of(
        cls,
        request: Request,
        key_id: UUID,
        idempotency_key: str | None,
        fingerprint: bytes,
        *,
        now: datetime,
        sealed_with: Keyring | None = None,
    ) -> "IdempotentRequest | None":
        """Name a request; None when it came without a key. The route is its pattern, so that ids don't matter here.

        A route whose answer shows a secret (a signed address, say) hands in the keys that seal the stored answer.
        """
        if idempotency_key is None:
            return None
        route = f"{request.method} {request.scope['route'].path}"
        return cls(
            key_id=key_id,
            route=route,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
            now=now,
            keyring=sealed_with,
        )

    def reply_of(self, stored_fingerprint: bytes, status: int, body: bytes) -> Reply:
        """Return a stored answer as a replay. Raises IdempotencyConflict if it answered another request; SealBroken."""
        if stored_fingerprint != self.fingerprint:
            raise IdempotencyConflict
        is_sealed = self.keyring is not None and key_id_of(body) is not None
        return Reply(status, self.keyring.open(body) if self.keyring and is_sealed else body, is_replay=True)

    def stored(self, reply: Reply) -> bytes:
        """Return the body of an answer as it is stored."""
        return reply.body if self.keyring is None else self.keyring.seal(reply.body)

    async def find(self, connection: Connection | Pool) -> Reply | None:
        """Return the stored answer, if there is one. Raises IdempotencyConflict."""
        row = await connection.fetchrow(
            _SQL["find_reply"], self.key_id, self.route, self.idempotency_key, self.stale_before
        )
        return None if row is None else self.reply_of(row["fingerprint"], row["status"], row["body"])


async def run_idempotent(
    pool: Pool, once: IdempotentRequest | None, work: Callable[[Connection], Awaitable[Reply]]
) -> Reply:
    """Run `work` in a transaction and store its reply with it; a second time, replay that reply.

    A refusal (an exception out of `work`) rolls everything back, so that the same key can be tried again. After a deadlock
    or a serialization failure the transaction runs again, so `work` must have no effect outside of it.
    """
    async with pool.acquire() as connection:
        attempts = 1
        while True:
            try:
                async with connection.transaction():
                    reply = await work(connection) if once is None else await _run_once(connection, once, work)
            except ROLLED_BACK_ERRORS as error:
                if attempts == MAX_ATTEMPTS:
                    raise
                attempts += 1
                log.info("transaction rolled back; running it again", error=type(error).__name__)
                continue
            if reply is not None:
                return reply


async def _run_once(
    connection: Connection, once: IdempotentRequest, work: Callable[[Connection], Awaitable[Reply]]
) -> Reply | None:
    """Return the reply of `work`, or the stored one. None: that one was swept meanwhile, so this request is the first."""
    claimed = await connection.fetchval(
        _SQL["claim_reply"],
        once.key_id,
        once.route,
        once.idempotency_key,
        once.fingerprint,
        once.now,
        once.stale_before,
    )
    if not claimed:
        return await once.find(connection)
    reply = await work(connection)
    await connection.execute(
        _SQL["store_reply"], once.key_id, once.route, once.idempotency_key, reply.status, once.stored(reply)
    )
    return reply


async def sweep(pool: Pool, *, now: datetime, limit: int = 10_000) -> int:
    """Delete answers whose window is over, at most `limit`; return how many were deleted."""
    deleted = await pool.execute(_SQL["sweep_replies"], now - WINDOW, limit)
    return int(deleted.rpartition(" ")[2])
