"""One-time links of users in responses, and their e-mails."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from presswork.api.context import Context
from presswork.api.users.schemas import InvitedUser, User
from presswork.core.ids import USER, public_id
from presswork.people import model, store
from presswork.people.invite import link_of, mail_link
from presswork.people.model import TooManyAttempts
from presswork.people.throttle import count_mail
from presswork.projects.store import organization_name

log: Final = structlog.get_logger()

LinkedUser = tuple[model.User, str]
"""A user and the token of its one-time link."""


def build_invited_user(context: Context, linked: LinkedUser) -> InvitedUser:
    """Return a user with the URL of its one-time link."""
    user, token = linked
    return InvitedUser(user=User.of(user), link=link_of(context.base_url, token))


async def mail_links(context: Context, made: Sequence[LinkedUser], now: datetime) -> None:
    """Send a new link by e-mail, after the commit; a replayed response sends none, and neither does a caller beyond a limit."""
    if context.settings.smtp_url is None:
        return
    for user, token in made:
        try:
            await count_mail(context.pool, user.email, organization_id=user.organization_id, now=now)
        except TooManyAttempts:
            log.warning("link not sent by e-mail: too many were sent; pass it on", user=public_id(USER, user.id))
            continue
        organization = await organization_name(context.pool, user.organization_id)
        link = link_of(context.base_url, token)
        if await mail_link(context.settings, user, link, organization=organization or ""):
            await context.pool.execute(store.SQL["link_was_emailed"], user.id, context.clock.now())
