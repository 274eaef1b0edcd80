"""Sign in a person whom an issuer of OpenID Connect has identified."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from presswork.audit.model import Action
from presswork.core.ids import USER, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.people.change_user import write_user
from presswork.people.model import Role, RoleSource, SignInMethod, User, UserStatus
from presswork.people.oidc_model import Identity, OidcFailure, OidcRefused
from presswork.people.sessions import Browser, SignedIn, actor_of, start_session
from presswork.people.store import SQL, announce, lock_user, record_about, user_of

log = structlog.get_logger()

_MOST_USERS: Final = 100


async def sign_in_with_identity(pool: Pool, identity: Identity, *, browser: Browser, now: datetime) -> SignedIn:
    """Start a session of the person. An invited one is accepted, and one with a granted role needs no invitation.

    Raises OidcRefused.
    """
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            SQL["find_identities"], identity.issuer, identity.subject, identity.email, _MOST_USERS
        )
        user = await _existing(connection, rows, identity, browser, now=now)
        if user is None:
            user = await _joined(connection, identity, browser, now=now)
        return await start_session(connection, user, SignInMethod.OIDC, browser, now=now)


async def _existing(
    connection: Connection, rows: list[asyncpg.Record], identity: Identity, browser: Browser, *, now: datetime
) -> User | None:
    """Return the person's user, with the role and the name that it has from now on; None: there is none."""
    if not rows:
        return None
    # A user of a former issuer is known by the e-mail address alone.
    usable = [row for row in rows if row["oidc_issuer"] != identity.issuer or row["oidc_subject"] == identity.subject]
    if not usable:
        raise OidcRefused(OidcFailure.OTHER_PERSON)
    chosen = usable[0]
    await connection.execute(SQL["lock_organization"], chosen["organization_id"])
    user = await lock_user(connection, chosen["id"])
    if user.status is UserStatus.DISABLED:
        raise OidcRefused(OidcFailure.DISABLED)
    if user.role_source is RoleSource.IDENTITY_PROVIDER:
        user = await _with_granted_role(connection, user, identity)
    is_new = user.status is UserStatus.INVITED
    user = replace(user, name=user.name or identity.name, accepted_at=user.accepted_at or now, last_seen_at=now)
    await connection.execute(SQL["accept"], user.id, user.name, now)
    await connection.execute(SQL["link_identity"], user.id, identity.issuer, identity.subject)
    if is_new:
        await connection.execute(SQL["drop_links"], user.id)
        await _record_accept(connection, user, browser, now=now)
    return user


async def _with_granted_role(connection: Connection, user: User, identity: Identity) -> User:
    """Return a user whose role follows the groups. Raises OidcRefused for one who has none of them any more.

    The last administrator stays one.
    """
    role = identity.granted_role
    if role is None:
        raise OidcRefused(OidcFailure.NOT_INVITED)
    if role is user.role:
        return user
    if user.is_active_admin and not await connection.fetchval(SQL["has_other_admin"], user.organization_id, user.id):
        log.warning("the last administrator keeps the role, against the groups", user=public_id(USER, user.id))
        return user
    changed = replace(user, role=role, project_ids=None if role is Role.ADMIN else user.project_ids)
    await write_user(connection, changed)
    await announce(connection, user.id)
    return changed


async def _joined(connection: Connection, identity: Identity, browser: Browser, *, now: datetime) -> User:
    """Return a new user of the installation's first organization. Raises OidcRefused for a person who needs an invitation."""
    role = identity.granted_role
    if role is None:
        raise OidcRefused(OidcFailure.NOT_INVITED)
    organization = await connection.fetchrow(SQL["first_organization"])
    if organization is None:
        raise OidcRefused(OidcFailure.NO_ORGANIZATION)
    values = (new_id(), organization["id"], identity.email, identity.name, role.value)
    row = await connection.fetchrow(
        SQL["insert_user"], *values, RoleSource.IDENTITY_PROVIDER.value, None, now, now, None
    )
    if row is None:  # a twin of this sign-in was faster
        raise OidcRefused(OidcFailure.LOGIN_UNKNOWN)
    user = user_of(row)
    await connection.execute(SQL["link_identity"], user.id, identity.issuer, identity.subject)
    await _record_accept(connection, user, browser, now=now)
    return user


async def _record_accept(connection: Connection, user: User, browser: Browser, *, now: datetime) -> None:
    by = actor_of(user, request_id=browser.request_id)
    await record_about(connection, Action.USER_ACCEPT, user, by=by, now=now, role=user.role.value)
