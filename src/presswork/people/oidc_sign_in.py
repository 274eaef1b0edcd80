"""Sign in a person whom an issuer of OpenID Connect has identified."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.audit.model import Action
from presswork.core.ids import USER, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.people.change_user import write_user
from presswork.people.model import Role, RoleSource, SignInMethod, User, UserStatus
from presswork.people.oidc_model import Choice, Identity, Offer, OidcFailure, OidcRefused
from presswork.people.second_step import FirstStep, start_or_hold
from presswork.people.sessions import Browser, actor_of
from presswork.people.store import SQL, announce, record_about, user_of

log = structlog.get_logger()

_MAX_USERS: Final = 100
_ORDER: Final = tuple(Offer)


async def sign_in_with_identity(
    pool: Pool, identity: Identity, *, chosen: str | None, browser: Browser, return_path: str, now: datetime
) -> FirstStep | Sequence[Choice]:
    """Sign the person in to the organization whose `value` is chosen; a second factor is asked for unless the issuer did.

    Without a choice, return the organizations to choose from, unless the only one needs no question. Raises OidcRefused.
    """
    async with pool.acquire() as connection, connection.transaction():
        choices = await _find_choices(connection, identity)
        if chosen is None and (len(choices) > 1 or not choices[0].needs_no_question):
            return choices
        choice = choices[0] if chosen is None else next((one for one in choices if one.value == chosen), None)
        if choice is None:
            raise OidcRefused(OidcFailure.LOGIN_UNKNOWN)
        enter = _create_member if choice.user_id is None else _update_existing
        user = await enter(connection, choice, identity, browser, now=now)
        return await start_or_hold(
            connection,
            user,
            SignInMethod.OIDC,
            browser,
            confirmed_at=identity.authenticated_at,
            is_multi_factor=identity.is_multi_factor,
            return_path=return_path,
            now=now,
        )


async def _find_choices(connection: Connection, identity: Identity) -> Sequence[Choice]:
    """Return the organizations that a person may sign in to, at least one. Raises OidcRefused."""
    rows = await connection.fetch(SQL["find_identities"], identity.issuer, identity.subject, identity.email, _MAX_USERS)
    own = {row["organization_id"] for row in rows if row["is_own"]}
    obstacles = [_obstacle(row, identity, own) for row in rows]
    choices = [_choice(row) for row, obstacle in zip(rows, obstacles, strict=True) if obstacle is None]
    if identity.granted_role is not None:
        first = await connection.fetchrow(SQL["first_organization"])
        if first is None:
            raise OidcRefused(OidcFailure.NO_ORGANIZATION)
        if first["id"] not in {row["organization_id"] for row in rows}:
            choices.append(
                Choice(
                    user_id=None,
                    organization_id=first["id"],
                    organization=first["name"],
                    role=identity.granted_role,
                    offer=Offer.GRANTED,
                )
            )
    if not choices:
        raise OidcRefused(next(iter(obstacles), None) or OidcFailure.NOT_INVITED)
    return sorted(choices, key=lambda choice: _ORDER.index(choice.offer))


def _obstacle(row: asyncpg.Record, identity: Identity, own: Set[UUID]) -> OidcFailure | None:
    """Return why a person can't sign in as a user, or None. `own`: the organizations in which the person has a user already."""
    # A user of a former issuer is known by the e-mail address alone.
    is_of_other = row["oidc_issuer"] == identity.issuer or row["organization_id"] in own
    if is_of_other and not row["is_own"]:
        return OidcFailure.OTHER_PERSON
    user = user_of(row)
    if user.status is UserStatus.DISABLED:
        return OidcFailure.DISABLED
    is_without_group = user.role_source is RoleSource.IDENTITY_PROVIDER and identity.granted_role is None
    return OidcFailure.NOT_INVITED if is_without_group else None


def _choice(row: asyncpg.Record) -> Choice:
    user = user_of(row)
    asking = Offer.INVITED if user.status is UserStatus.INVITED else Offer.SAME_ADDRESS
    return Choice(
        user_id=user.id,
        organization_id=user.organization_id,
        organization=row["organization"],
        role=user.role,
        offer=Offer.OWN if row["is_own"] else asking,
    )


async def _update_existing(
    connection: Connection, choice: Choice, identity: Identity, browser: Browser, *, now: datetime
) -> User:
    """Return the chosen user, with the role and the name that it has from now on. Raises OidcRefused."""
    await connection.execute(SQL["lock_organization"], choice.organization_id)
    user = user_of(await connection.fetchrow(SQL["lock_user"], choice.user_id))
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


async def _create_member(
    connection: Connection, choice: Choice, identity: Identity, browser: Browser, *, now: datetime
) -> User:
    """Return a new user of the organization that the operator's settings give. Raises OidcRefused."""
    values = (new_id(), choice.organization_id, identity.email, identity.name, choice.role.value)
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
