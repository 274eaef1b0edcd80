"""Accept a one-time link: set a password, and sign in."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import COMMAND_LINE
from presswork.core.errors import FieldError, Invalid, Issue, IssueCode
from presswork.core.ids import new_id
from presswork.db.pool import Connection, Pool
from presswork.orgs.keys import ensure_organization
from presswork.people.change_user import write_user
from presswork.people.model import (
    LinkNotValid,
    Role,
    RoleSource,
    SignInMethod,
    User,
    UserStatus,
    normal_email,
    require_password,
    token_hash,
)
from presswork.people.passwords import Passwords
from presswork.people.second_step import FirstStep, start_or_hold
from presswork.people.sessions import Browser, actor_of
from presswork.people.store import SQL, end_sessions, lock_user, record_about, user_of

FIRST_ORGANIZATION: Final = "My organization"
"""The name of an organization that the first administrator does not name."""


async def accept(
    pool: Pool,
    passwords: Passwords,
    *,
    token: str,
    password: str,
    name: str | None,
    email: str | None,
    organization_name: str | None,
    browser: Browser,
    now: datetime,
) -> FirstStep:
    """Use a one-time link: set the password of its user, and sign in. All former sessions of the user end.

    A second factor is asked for as after a password: the link replaces the password, and not the factor.

    The link of the first administrator needs `name` and `email`, and makes the organization if there is none.

    Raises LinkNotValid, Unavailable, and Invalid.
    """
    link = await pool.fetchrow(SQL["find_link"], token_hash(token) or b"", now)
    if link is None:
        raise LinkNotValid
    address = _require_fields(link["user_id"], link["email"], password, name, email)
    beside = await pool.fetchval(SQL["any_password_hash"], address)
    hashed = await passwords.hash(require_password(password, email=address), beside=beside)
    async with pool.acquire() as connection, connection.transaction():
        if link["user_id"] is None:
            user = await _first_admin(connection, address, name or "", organization_name, now=now)
        else:
            user = await lock_user(connection, link["user_id"])
        if user.status is UserStatus.DISABLED or not await connection.fetchval(SQL["use_link"], link["id"], now):
            raise LinkNotValid
        user = replace(user, name=name or user.name, accepted_at=user.accepted_at or now, last_seen_at=now)
        await connection.execute(SQL["set_password"], user.id, hashed)
        await connection.execute(SQL["accept"], user.id, user.name, now)
        await end_sessions(connection, user.id)
        await connection.execute(SQL["end_agents"], user.id)
        by = actor_of(user, request_id=browser.request_id)
        await record_about(connection, Action.USER_ACCEPT, user, by=by, now=now, role=user.role.value)
        return await start_or_hold(connection, user, SignInMethod.LINK, browser, confirmed_at=now, now=now)


def _require_fields(
    user_id: UUID | None, invited: str | None, password: str, name: str | None, email: str | None
) -> str:
    """Return the e-mail address of the user. Raises Invalid with all issues."""
    issues = []
    address = invited
    try:
        given = None if email is None else normal_email(email)
    except FieldError as error:
        given = None
        issues.append(Issue.at("email", str(error), error.code))
    if user_id is None:
        address = given
        missing = {"name": name, "email": email}
        issues += [
            Issue.at(field, "is required for the first administrator. Add it.", IssueCode.REQUIRED)
            for field, value in missing.items()
            if not value
        ]
    elif given is not None and given != invited:
        problem = "is not the address that was invited. Leave it out, or ask for an invitation to this address."
        issues.append(Issue.at("email", problem, IssueCode.INVALID_VALUE))
    try:
        require_password(password, email=address)
    except FieldError as error:
        issues.append(Issue.at("password", str(error), error.code))
    if issues or address is None:
        raise Invalid(issues)
    return address


async def _first_admin(
    connection: Connection, email: str, name: str, organization_name: str | None, *, now: datetime
) -> User:
    """Return the installation's first administrator, in its first organization. Raises LinkNotValid if there is one."""
    await connection.execute(SQL["lock_first_admin"])
    if await connection.fetchval(SQL["has_admin"]):
        raise LinkNotValid
    first = await connection.fetchrow(SQL["first_organization"])
    organization_id = (
        first["id"]
        if first is not None
        else await ensure_organization(connection, organization_name or FIRST_ORGANIZATION, now=now, by=COMMAND_LINE)
    )
    values = (new_id(), organization_id, email, name, Role.ADMIN.value, RoleSource.ADMINISTRATOR.value)
    row = await connection.fetchrow(SQL["insert_user"], *values, None, now, None, None)
    if row is not None:
        return user_of(row)
    invited = user_of(await connection.fetchrow(SQL["find_user_by_email"], email, organization_id, now))
    user = await lock_user(connection, invited.id)
    admin = replace(user, role=Role.ADMIN, role_source=RoleSource.ADMINISTRATOR, project_ids=None, disabled_at=None)
    await write_user(connection, admin)
    return admin
