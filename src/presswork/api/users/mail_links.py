"""Send new one-time links by e-mail."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from presswork.api.context import Context
from presswork.core.ids import USER, public_id
from presswork.people import model, store
from presswork.people.invite import link_of, mail_link
from presswork.people.model import TooManyAttempts
from presswork.people.throttle import count_mail
from presswork.projects.store import organization_name

log = structlog.get_logger()


async def mail_links(context: Context, made: Sequence[tuple[model.User, str]], now: datetime) -> None:
    """Send new links by e-mail, after the commit; a replayed response sends none, and neither does a caller beyond a limit."""
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
