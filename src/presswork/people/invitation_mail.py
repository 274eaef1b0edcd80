"""Send an invitation, or a link for a new password, by e-mail."""

import asyncio
from email.message import EmailMessage
from typing import Final

import aiosmtplib
import structlog

from presswork.core.ids import USER, public_id
from presswork.core.settings import Settings
from presswork.people.mail_server import MailServer
from presswork.people.model import User, UserStatus

log = structlog.get_logger()

MAX_CONNECTIONS: Final = 8
"""Most connections of one process to the mail server."""
_WAIT_SECONDS: Final = 30
"""Longest wait for a turn and the mail server together: the administrator waits for the response."""
_TURNS: Final = asyncio.Semaphore(MAX_CONNECTIONS)

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
        async with asyncio.timeout(_WAIT_SECONDS), _TURNS:
            await _send(settings.smtp_url.get_secret_value(), message)
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


async def _send(url: str, message: EmailMessage) -> None:
    server = MailServer.of(url)
    async with server.client() as client:
        await server.open(client)
        await client.send_message(message)
