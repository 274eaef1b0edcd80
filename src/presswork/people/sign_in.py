"""Sign in with e-mail address and password, and change the password."""

from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import Principal
from presswork.core.errors import FieldError, Invalid, Issue, IssueCode
from presswork.db.pool import Pool
from presswork.people.model import (
    SignInMethod,
    SignInRefused,
    User,
    UserStatus,
    normal_email,
    normal_password,
    require_password,
)
from presswork.people.passwords import Passwords
from presswork.people.second_step import FirstStep, start_or_hold
from presswork.people.sessions import Browser, SignedIn
from presswork.people.store import SQL, end_sessions, lock_user, record_about, user_of
from presswork.people.throttle import Attempt, count_attempt, uncount_attempt

_MAX_LOGINS: Final = 100
"""Users of one e-mail address whose passwords are compared: one computation, since they share a salt."""


async def sign_in(
    pool: Pool,
    passwords: Passwords,
    *,
    email: str,
    password: str,
    organization_id: UUID | None,
    browser: Browser,
    return_path: str | None = None,
    now: datetime,
) -> FirstStep:
    """Start a session of the user with this e-mail address and password, or hold the sign-in for the second step.

    Of several organizations, the named one is chosen, else the one that was used last. An unknown address takes the
    same work as a wrong password. Raises SignInRefused, TooManyAttempts, and Unavailable.
    """
    address = _comparable_email(email)
    attempt = Attempt(email=address, address=browser.address)
    await count_attempt(pool, attempt, now=now)
    rows = await pool.fetch(SQL["find_logins"], address, _MAX_LOGINS)
    found = await passwords.matching(normal_password(password), [row["password_hash"] for row in rows])
    users = [(user_of(row), row["password_hash"]) for place, row in enumerate(rows) if place in found]
    chosen = next(((user, known) for user, known in users if organization_id in {None, user.organization_id}), None)
    if chosen is None:
        raise SignInRefused
    user, known = chosen
    async with pool.acquire() as connection, connection.transaction():
        current = await lock_user(connection, user.id)
        is_same = await connection.fetchval(SQL["find_password"], user.id) == known
        if current.status is not UserStatus.ACTIVE or not is_same:  # changed during the computation
            raise SignInRefused
        step = await start_or_hold(
            connection,
            current,
            SignInMethod.PASSWORD,
            browser,
            confirmed_at=now,
            return_path=return_path,
            now=now,
        )
        if isinstance(step.result, SignedIn):
            await connection.execute(SQL["accept"], user.id, user.name, now)
    await uncount_attempt(pool, attempt)
    return step


def _comparable_email(email: str) -> str:
    """Return an e-mail address as it is compared; of what is no address, a text that no user has."""
    try:
        return normal_email(email)
    except FieldError:
        return ""


async def change_password(
    pool: Pool,
    passwords: Passwords,
    *,
    current: str,
    new: str,
    caller: Principal,
    browser: Browser,
    now: datetime,
) -> User:
    """Change the password of the caller, whose sessions all end. Raises TooManyAttempts, Unavailable, and Invalid."""
    row = await pool.fetchrow(SQL["find_user"], caller.user_id, caller.organization_id, now)
    user = user_of(row)
    attempt = Attempt(email=user.email, address=browser.address)
    await count_attempt(pool, attempt, now=now)
    known = await pool.fetchval(SQL["find_password"], user.id)
    if not await passwords.matching(normal_password(current), [] if known is None else [known]):
        raise Invalid([Issue.at("currentPassword", "is not your password. Correct it.", IssueCode.WRONG_PASSWORD)])
    try:
        password = require_password(new, email=user.email)
    except FieldError as error:
        raise Invalid([Issue.at("newPassword", str(error), error.code)]) from error
    hashed = await passwords.hash(password, beside=known)
    async with pool.acquire() as connection, connection.transaction():
        user = await lock_user(connection, user.id)
        await connection.execute(SQL["set_password"], user.id, hashed)
        await connection.execute(SQL["drop_links"], user.id)
        await end_sessions(connection, user.id)
        await connection.execute(SQL["end_agents"], user.id)
        await record_about(connection, Action.USER_CHANGE_PASSWORD, user, by=caller.actor, now=now)
    await uncount_attempt(pool, attempt)
    return user
