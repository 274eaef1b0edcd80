"""Notify a person by e-mail that the second factors of the account have changed, so that it sees what it did not do itself."""

from email.message import EmailMessage
from enum import StrEnum
from typing import Final

import aiosmtplib
import structlog

from presswork.core.ids import USER, public_id
from presswork.people.mail_server import send_message
from presswork.people.model import User
from presswork.platforms.settings import Settings

log = structlog.get_logger()


class FactorChange(StrEnum):
    """What has changed, as the subject of the e-mail says it."""

    TOTP_ADDED = "An authenticator app was set up"
    TOTP_REMOVED = "The authenticator app was removed"
    PASSKEY_ADDED = "A passkey was added"
    PASSKEY_REMOVED = "A passkey was removed"
    CODES_RENEWED = "The recovery codes were renewed"
    RESET = "An administrator removed the second factors"


_TEXT: Final = """\
Hello{name},

{change} on your Presswork account {email}. Other sessions of the account have ended.

If you did not do this and do not know why, change your password, and ask an administrator to look at the audit log.
"""


async def mail_change(settings: Settings, user: User, change: FactorChange) -> bool:
    """Send the e-mail, if a mail server is configured; return whether the server accepted it."""
    if settings.smtp_url is None or settings.smtp_from is None:
        return False
    message = EmailMessage()
    try:
        message["From"], message["To"] = settings.smtp_from, user.email
        message["Subject"] = f"{change.value} on your Presswork account"
        message["Auto-Submitted"] = "auto-generated"
        name = f" {' '.join(user.name.split())}" if user.name else ""
        message.set_content(_TEXT.format(name=name, change=change.value, email=user.email))
        await send_message(settings.smtp_url.get_secret_value(), message)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:  # TimeoutError is an OSError
        log.warning(
            "e-mail about second factors not sent",
            user=public_id(USER, user.id),
            error=type(error).__name__,
            reason=str(error),
        )
        return False
    return True
