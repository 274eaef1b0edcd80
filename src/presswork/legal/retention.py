"""How long this installation keeps what it stores about people, in days, for the privacy policy."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final, Self

from presswork.inbound_webhooks.receive import KEPT_FOR as NOTICES_KEPT_FOR
from presswork.legal.model import DELETIONS_KEPT_FOR
from presswork.links.model import KEPT_FOR as LINKS_KEPT_FOR
from presswork.people.model import SESSION_IDLE, SESSION_LIFETIME
from presswork.platforms.settings import Settings

TEXTS_KEPT_FOR: Final = timedelta(days=30)
"""Text messages, after they have ended: as the worker deletes them."""
LOGINS_KEPT_FOR: Final = timedelta(days=1)
"""Logins at platforms, after they have expired: as the worker deletes them."""
CALL_COUNTS_KEPT_FOR: Final = timedelta(days=2)
"""Reservations of rate limited calls, under the platform's id of an account: as the worker deletes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Times in days, rounded up, or None where there is no end."""

    timelines: int | None
    deliveries: int
    audit_log: int | None
    notices: int
    texts: int
    logins: int
    call_counts: int
    session_idle: int
    session: int
    deletions: int
    links: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the times of an installation."""
        return cls(
            timelines=_days(settings.keep_timelines),
            deliveries=ceil(settings.keep_webhook_deliveries / _DAY),
            audit_log=_days(settings.keep_audit_log),
            notices=ceil(NOTICES_KEPT_FOR / _DAY),
            texts=ceil(TEXTS_KEPT_FOR / _DAY),
            logins=ceil(LOGINS_KEPT_FOR / _DAY),
            call_counts=ceil(CALL_COUNTS_KEPT_FOR / _DAY),
            session_idle=ceil(SESSION_IDLE / _DAY),
            session=ceil(SESSION_LIFETIME / _DAY),
            deletions=ceil(DELETIONS_KEPT_FOR / _DAY),
            links=ceil(LINKS_KEPT_FOR / _DAY),
        )


_DAY: Final = timedelta(days=1)


def _days(time: timedelta | None) -> int | None:
    return None if time is None else ceil(time / _DAY)
