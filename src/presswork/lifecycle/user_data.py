"""What a person asks for at a platform: end the access to the accounts that they connected, or delete their data.

Both act on the accounts of one app in every project: a person does not know projects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.accounts.store import SQL
from presswork.accounts.tokens import mark_reauth_required
from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Actor
from presswork.core.enums import Environment
from presswork.core.ids import ACCOUNT, public_id
from presswork.db.pool import Connection
from presswork.lifecycle.erasures import SQL as ERASURES
from presswork.platforms.names import LoginName, PlatformName
from presswork.posts.cancel import cancel_queued_posts
from presswork.recurrences.end_recurrences import leave_account_out

DATA_DELETED: Final = "data_deleted"
"""`disconnectedReason` of an account whose owner asked the platform to have their data deleted."""
_CANCELED: Final = "The account's owner asked the platform to have their data deleted."
_BATCH: Final = 500
_CLOCK_SKEW: Final = timedelta(minutes=5)
"""By which a platform's clock may be behind."""
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a platform's request is about: the id of a person, or of their account, for one app."""

    logins: Mapping[LoginName, PlatformName]
    """The logins of the app, at least one, and the platform of each."""
    environment: Environment
    user_id: str
    app_id: UUID | None
    """The customer's app that the request came to, or None for the installation's. Ids of people differ from app to app."""

    @property
    def login(self) -> LoginName:
        """The login that names the app in records."""
        return next(iter(self.logins))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """How much was deleted or canceled."""

    accounts: int
    canceled_posts: int


async def end_access_of(
    connection: Connection, person: Person, *, issued_at: datetime, by: Actor, now: datetime
) -> int:
    """Mark the person's connected accounts as if the platform had refused their tokens; return how many were marked.

    `issued_at` is when the platform wrote the request, which may arrive days later. Accounts that the person has connected
    since then stay connected. Runs in the caller's transaction.
    """
    accounts = await _lock_accounts_of(connection, person)
    ended = [row["id"] for row in accounts if row["connected_at"] <= issued_at + _CLOCK_SKEW]
    return sum([await mark_reauth_required(connection, account_id, now=now, by=by) for account_id in ended])


async def delete_data_of(connection: Connection, person: Person, *, by: Actor, now: datetime) -> Deleted:
    """Delete the tokens and the profiles of the person's accounts and the comments on their posts, and cancel what is queued for them.

    Runs in the caller's transaction. Posts that were published stay published, and stay in the project's records.
    """
    accounts, canceled = await _lock_accounts_of(connection, person), 0
    for row in accounts:
        await connection.execute(SQL["delete_account_data"], row["id"], DATA_DELETED, now)
        for statement in ("delete_comments_of_account", "delete_events_of_account", "delete_notices_of_account"):
            await connection.execute(ERASURES[statement], row["id"])
        await leave_account_out(connection, row["id"], now=now)
        posts = await cancel_queued_posts(connection, account_id=row["id"], now=now, why=_CANCELED)
        await record(
            connection,
            Action.ACCOUNT_DELETE_DATA,
            public_id(ACCOUNT, row["id"]),
            by=by,
            organization_id=row["organization_id"],
            environment=Environment(row["environment"]),
            now=now,
            detail={"platform": row["platform"], "canceledScheduledPosts": posts},
        )
        canceled += posts
    return Deleted(accounts=len(accounts), canceled_posts=canceled)


async def _lock_accounts_of(connection: Connection, person: Person) -> Sequence[asyncpg.Record]:
    """Lock every account of the person, by ascending id and before any post (db/errors.py), and return them."""
    found: list[asyncpg.Record] = []
    while True:
        rows = await connection.fetch(
            SQL["lock_accounts_of_person"],
            [login.value for login in person.logins],
            person.environment.value,
            person.user_id,
            found[-1]["id"] if found else _FIRST,
            _BATCH,
            [platform.value for platform in {*person.logins.values()}],
            person.app_id,
        )
        found += rows
        if len(rows) < _BATCH:
            return found
