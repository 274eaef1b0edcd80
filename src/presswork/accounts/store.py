"""Queries of social accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.accounts.model import AccountNotFound, AccountStatus, SocialAccount, managed_not_ready
from presswork.apps.model import PlatformApp
from presswork.callers.model import Principal
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.platforms.names import LoginName, PlatformName

SQL: Final = load("presswork.accounts")
LOGINS: Final = [login.value for login in LoginName]
"""Accounts of other logins were connected by a newer version: this one does not see them."""


async def find_account(connection: "Connection | Pool", account_id: UUID, *, visible_to: Principal) -> SocialAccount:
    """Return an account of the caller's organization and environment. Raises AccountNotFound."""
    row = await connection.fetchrow(
        SQL["find_account"], account_id, visible_to.organization_id, visible_to.environment.value, LOGINS
    )
    if row is None:
        raise AccountNotFound
    return account_of(row)


async def list_accounts(
    connection: "Connection | Pool",
    project_id: UUID,
    *,
    visible_to: Principal,
    platform: PlatformName | None,
    status: AccountStatus | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[SocialAccount]:
    """Return a project's accounts, including disconnected ones, in the order of their first connection.

    `after` is the (created_at, id) of the last account of the previous page.
    """
    rows = await connection.fetch(
        SQL["list_accounts"],
        project_id,
        visible_to.organization_id,
        visible_to.environment.value,
        None if platform is None else platform.value,
        None if status is None else status.value,
        *(after or FIRST),
        limit,
        LOGINS,
    )
    return [account_of(row) for row in rows]


async def list_accounts_of_app(
    connection: "Connection | Pool",
    app: PlatformApp,
    *,
    logins: Sequence[LoginName],
    of_installation: Sequence[LoginName],
    needs_reconnect: bool,
    visible_to: Principal,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[SocialAccount]:
    """Return the accounts that were connected with a customer's app, in the order of their first connection.

    With `needs_reconnect`, those that move to it or from it: a login would now use another app than the one that they hold. `logins`
    are those of the app, `of_installation` those for which the installation has one. Disconnected accounts are left out.
    """
    place = (visible_to.organization_id, visible_to.environment.value)
    page = (*(after or FIRST), limit)
    if needs_reconnect:
        names, others = ([login.value for login in group] for group in (logins, of_installation))
        rows = await connection.fetch(SQL["accounts_to_move"], app.id, *place, app.login.value, names, *page, others)
    else:
        rows = await connection.fetch(SQL["accounts_of_app"], app.id, *place, *page, LOGINS)
    return [account_of(row) for row in rows]


def account_of(row: asyncpg.Record) -> SocialAccount:
    """Return an account from a row of lists.sql: account."""
    managed = managed_not_ready(row["template_id"], is_provider_known=row["is_provider_known"])
    return from_row(SocialAccount, row, managed=managed)
