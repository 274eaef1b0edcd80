"""Handle a request that a person made at a platform: once, in one transaction with its record.

What is signed does not say whether the person removed the app or wants their data deleted: the URL says so. So a request
that was handled at one URL is refused at the other: who has seen a removal can't send it again as a deletion.
"""

import base64
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, TypeVar
from uuid import UUID

import asyncpg
import structlog

from presswork.apps.model import AppNotFound
from presswork.apps.platform_apps import AppPlace
from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Actor, ActorKind
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.db.errors import ROLLED_BACK_ERRORS
from presswork.db.pool import Connection, Pool, affected
from presswork.db.queries import load
from presswork.legal.model import (
    DEAUTHORIZATIONS_KEPT_FOR,
    DELETIONS_KEPT_FOR,
    DataDeletion,
    RequestKind,
)
from presswork.lifecycle.user_data import Person, delete_data_of, end_access_of
from presswork.platforms.inbound_webhooks import NotGenuine
from presswork.platforms.names import LoginName
from presswork.platforms.port import UserRequest, UserRequestReader
from presswork.platforms.registry import Platforms

log = structlog.get_logger()

_CODE_BYTES: Final = 15
"""120 random bits: the code is all that the page about a deletion asks for."""
_MAX_ATTEMPTS: Final = 3

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """A genuine request, and who it is about."""

    person: Person
    request: UserRequest
    request_id: str | None
    """Id of the call."""
    now: datetime

    @property
    def actor(self) -> Actor:
        """Who did it, for the audit log: the platform, since the person has no name here."""
        return Actor(kind=ActorKind.PLATFORM, name=self.person.login.value, request_id=self.request_id)


def read_request(platforms: Platforms, text: str, *, request_id: str | None, now: datetime) -> ReceivedRequest:
    """Verify a signed request with the secret of each app, and return it. Several logins may belong to the app that signed it.

    Raises NotGenuine, and Unavailable where no app is configured that could have signed it.
    """
    person, request = _read(platforms, platforms.user_request_readers(), text, app_id=None, now=now)
    return ReceivedRequest(person=person, request=request, request_id=request_id, now=now)


async def read_request_of_app(
    platforms: Platforms, app: AppPlace, text: str, *, request_id: str | None, now: datetime
) -> ReceivedRequest:
    """Verify a signed request with the secret of a customer's app, and return it.

    Raises NotGenuine, NotFound for an app of a platform that passes on no such requests, and Unavailable where the app can't be used.
    """
    readers = await platforms.user_request_readers_of_app(app.login, app.environment, app.id)
    if not readers:
        raise AppNotFound
    person, request = _read(platforms, readers, text, app_id=app.id, now=now)
    # What is signed does not name the app: a request to one is not a repetition of one to another.
    own = replace(request, digest=sha256(app.id.bytes + request.digest).digest())
    return ReceivedRequest(person=person, request=own, request_id=request_id, now=now)


def _read(
    platforms: Platforms,
    readers: Sequence[tuple[LoginName, Environment, UserRequestReader]],
    text: str,
    *,
    app_id: UUID | None,
    now: datetime,
) -> tuple[Person, UserRequest]:
    """Return who a signed request is about, and the request. Raises NotGenuine."""
    read = [
        (login, environment, request)
        for login, environment, reader in readers
        if (request := reader.read(text, now=now)) is not None
    ]
    if not read:
        raise NotGenuine("The request is not signed with the secret of an app of this service. Check the app's secret.")
    _, environment, request = read[0]
    logins = {login: platforms.described()[login].name for login, place, _ in read if place is environment}
    return Person(logins=logins, environment=environment, user_id=request.user_id, app_id=app_id), request


async def deauthorize(pool: Pool, received: ReceivedRequest) -> None:
    """Mark the accounts of a person who removed the app: they must be connected again. A repetition has no effect.

    Raises NotGenuine for a request that was handled as a deletion.
    """

    async def handle(connection: Connection) -> int:
        if await _insert(connection, RequestKind.DEAUTHORIZE, received, code=None) is None:
            await _find_repeated(connection, RequestKind.DEAUTHORIZE, received)
            return 0
        return await end_access_of(
            connection,
            received.person,
            issued_at=received.request.issued_at,
            by=received.actor,
            now=received.now,
        )

    accounts = await _run_in_transaction(pool, handle)
    log.info("a person removed the app", login=received.person.login.value, accounts=accounts)


async def delete_data(pool: Pool, received: ReceivedRequest) -> str:
    """Delete the data of a person, and return the code of the page that confirms it. A repetition returns the same code.

    Raises NotGenuine for a request that was handled as a removal of the app.
    """

    async def handle(connection: Connection) -> str:
        code = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
        row_id = await _insert(connection, RequestKind.DELETE, received, code=code)
        if row_id is None:
            return str((await _find_repeated(connection, RequestKind.DELETE, received))["confirmation_code"])
        deleted = await delete_data_of(connection, received.person, by=received.actor, now=received.now)
        await connection.execute(SQL["complete_request"], row_id, deleted.accounts, deleted.canceled_posts)
        await record(
            connection,
            Action.DATA_DELETION_REQUEST,
            code,
            by=received.actor,
            environment=received.person.environment,
            now=received.now,
            detail={"accounts": deleted.accounts, "canceledScheduledPosts": deleted.canceled_posts},
        )
        log.info("data of a person deleted", login=received.person.login.value, accounts=deleted.accounts)
        return code

    return await _run_in_transaction(pool, handle)


async def _insert(
    connection: Connection, kind: RequestKind, received: ReceivedRequest, *, code: str | None
) -> UUID | None:
    """Record a request and return the id of its record, or None if it was handled before."""
    found: UUID | None = await connection.fetchval(
        SQL["insert_request"],
        new_id(),
        kind.value,
        received.person.login.value,
        received.person.environment.value,
        received.request.digest,
        code,
        received.request.issued_at,
        received.now,
    )
    return found


async def _find_repeated(connection: Connection, kind: RequestKind, received: ReceivedRequest) -> asyncpg.Record:
    """Return the record of a request that was handled before. Raises NotGenuine if that was at the other URL."""
    person = received.person
    (row,) = await connection.fetch(
        SQL["find_request"], received.request.digest, person.login.value, person.environment.value
    )
    if row["kind"] != kind.value:
        log.warning("signed request refused: it was handled at the other URL", login=person.login.value)
        raise NotGenuine(
            "This signed request was handled at the other of Meta's two URLs. Sign a new one for each of them."
        )
    return row


async def _run_in_transaction(pool: Pool, work: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Run `work` in a transaction, again after a deadlock: a platform may not repeat a request that failed."""
    async with pool.acquire() as connection:
        for _ in range(_MAX_ATTEMPTS - 1):
            try:
                async with connection.transaction():
                    return await work(connection)
            except ROLLED_BACK_ERRORS as error:
                log.info("transaction rolled back, retrying", error=type(error).__name__)
        async with connection.transaction():
            return await work(connection)


SQL: Final = load("presswork.legal")


async def find_deletion(connection: "Connection | Pool", confirmation_code: str) -> DataDeletion | None:
    """Return what was deleted for a request, or None if there is no such code, or it was too long ago."""
    row = await connection.fetchrow(SQL["find_deletion"], confirmation_code)
    if row is None:
        return None
    return DataDeletion(
        login=LoginName(row["login"]),
        confirmation_code=row["confirmation_code"],
        received_at=row["received_at"],
        accounts=row["accounts"],
        canceled_posts=row["canceled_posts"],
    )


async def sweep_user_requests(pool: Pool, *, now: datetime, limit: int = 1_000) -> int:
    """Delete records that are no longer needed, at most `limit` of each kind; return the number of the kind with more."""
    kept = {RequestKind.DEAUTHORIZE: DEAUTHORIZATIONS_KEPT_FOR, RequestKind.DELETE: DELETIONS_KEPT_FOR}
    return max(
        [affected(await pool.execute(SQL["sweep"], kind.value, now - time, limit)) for kind, time in kept.items()]
    )
