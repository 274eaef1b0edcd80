"""Invite a person to an organization, with a one-time link that is shown or sent by e-mail."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Final
from uuid import UUID

import aiosmtplib
import structlog

from presswork.audit.model import Action
from presswork.callers.model import Actor
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import PROJECT, USER, new_id, public_id
from presswork.db.pool import Connection
from presswork.people.mail_server import send_message
from presswork.people.model import EmailTaken, Role, RoleSource, User, UserIsDisabled, UserStatus, require_projects
from presswork.people.store import SQL, find_user, insert_link, record_about, user_of
from presswork.platforms.settings import Settings


async def invite(
    connection: Connection,
    *,
    organization_id: UUID,
    email: str,
    name: str,
    role: Role,
    project_ids: Sequence[UUID] | None,
    source: RoleSource = RoleSource.ADMINISTRATOR,
    by: Actor,
    now: datetime,
) -> tuple[User, str]:
    """Add a user to an organization, in the caller's transaction, and return it with the token of its one-time link.

    Raises EmailTaken, and Invalid for projects that the organization does not have.
    """
    user = await add_user(
        connection,
        organization_id=organization_id,
        email=email,
        name=name,
        role=role,
        project_ids=project_ids,
        source=source,
        by=by,
        now=now,
    )
    token = await insert_link(connection, user.id, now=now)
    return await find_user(connection, user.id, organization_id=organization_id, now=now), token


async def add_user(
    connection: Connection,
    *,
    organization_id: UUID,
    email: str,
    name: str,
    role: Role,
    project_ids: Sequence[UUID] | None,
    source: RoleSource,
    disabled_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> User:
    """Add a user without a link, in the caller's transaction. One that is disabled from the start counts for no limit.

    Raises as `invite`.
    """
    require_projects(role, project_ids)
    await require_known_projects(connection, project_ids, organization_id=organization_id)
    values = (new_id(), organization_id, email, name, role.value, source.value)
    projects = None if project_ids is None else list(dict.fromkeys(project_ids))
    row = await connection.fetchrow(SQL["insert_user"], *values, projects, now, None, disabled_at)
    if row is None:
        existing = await connection.fetchrow(SQL["find_user_by_email"], email, organization_id, now)
        raise EmailTaken(user_of(existing).id)
    user = user_of(row)
    names = None if projects is None else [public_id(PROJECT, project_id) for project_id in projects]
    await record_about(connection, Action.USER_INVITE, user, by=by, now=now, role=role.value, projectIds=names)
    return user


async def require_known_projects(
    connection: Connection, project_ids: Sequence[UUID] | None, *, organization_id: UUID
) -> None:
    """Raise Invalid with an issue for each project that the organization does not have, in either environment."""
    if not project_ids:
        return
    rows = await connection.fetch(SQL["unknown_projects"], list(project_ids), organization_id)
    if rows:
        problem = "is no project of the organization. Send ids of GET /v1/projects, of either environment."
        raise Invalid([Issue.at(f"projectIds[{row['place'] - 1}]", problem, IssueCode.UNKNOWN_PROJECT) for row in rows])


log = structlog.get_logger()

_INVITATION: Final = """\
Hello{name},

you are invited to {organization} on Presswork. Open this link to choose a password; it works once, for 72 hours:

{link}

If you did not expect this, ignore it: nothing happens.
"""
_OTHER_LINK: Final = """\
Hello{name},

an administrator of {organization} made this link, with which you choose a new password on Presswork. It works once, for 72
hours:

{link}

If you did not ask for it, tell your administrator.
"""


async def mail_link(settings: Settings, user: User, link: str, *, organization: str) -> bool:
    """Send a one-time link to its user, if a mail server is configured; return whether the server accepted it."""
    if settings.smtp_url is None or settings.smtp_from is None:
        return False
    try:
        message = _message(settings.smtp_from, user, link, organization)
        await send_message(settings.smtp_url.get_secret_value(), message)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:  # TimeoutError is an OSError
        log.warning(
            "invitation not sent by e-mail; pass its link on",
            user=public_id(USER, user.id),
            error=type(error).__name__,
            reason=str(error),
        )
        return False
    return True


def _message(sender: str, user: User, link: str, organization: str) -> EmailMessage:
    """Return the message. Raises ValueError if a name can't be in a header."""
    is_invitation = user.status is UserStatus.INVITED
    text = _INVITATION if is_invitation else _OTHER_LINK
    message = EmailMessage()
    message["From"], message["To"] = sender, user.email
    message["Subject"] = "Your invitation to Presswork" if is_invitation else "Your new password for Presswork"
    message["Auto-Submitted"] = "auto-generated"
    name = f" {' '.join(user.name.split())}" if user.name else ""
    message.set_content(text.format(name=name, organization=" ".join(organization.split()), link=link))
    return message


_PAGE: Final = "/console/accept"
_FIRST_PAGE: Final = "/console/set-up"


def link_of(base_url: str, token: str, *, is_first: bool = False) -> str:
    """Return the address of a one-time link. The token is in the fragment, which no browser sends to a server.

    `is_first`: the link of the first administrator, whose page asks for more.
    """
    return f"{base_url.rstrip('/')}{_FIRST_PAGE if is_first else _PAGE}#token={token}"


async def new_link(
    connection: Connection, user_id: UUID, *, organization_id: UUID, by: Actor, now: datetime
) -> tuple[User, str]:
    """Make a link with which a user sets a password and signs in, in the caller's transaction; return its token.

    It replaces the user's former link. Raises UserNotFound, and UserIsDisabled.
    """
    user = await find_user(connection, user_id, organization_id=organization_id, now=now)
    if user.status is UserStatus.DISABLED:
        raise UserIsDisabled
    token = await insert_link(connection, user.id, now=now)
    await record_about(connection, Action.USER_LINK, user, by=by, now=now)
    return await find_user(connection, user.id, organization_id=organization_id, now=now), token


async def first_admin_link(connection: Connection, *, now: datetime) -> str | None:
    """Make the link of the installation's first administrator, and return its token; None if there is an administrator.

    It replaces the former one.
    """
    async with connection.transaction():
        await connection.execute(SQL["lock_first_admin"])
        if await connection.fetchval(SQL["has_admin"]):
            return None
        return await insert_link(connection, None, now=now)
