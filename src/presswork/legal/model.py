"""Requests of people that a platform passes on, and the record of a deletion. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from presswork.platforms.names import LoginName

DELETIONS_KEPT_FOR: Final = timedelta(days=730)
"""How long the page about a deletion exists."""
DEAUTHORIZATIONS_KEPT_FOR: Final = timedelta(days=30)
"""How long a repetition of a request is recognized: longer than any platform's signed request is accepted."""


class RequestKind(StrEnum):
    """What a person asked a platform for."""

    DEAUTHORIZE = "deauthorize"  # the person removed the app
    DELETE = "delete"  # the person wants their data deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDeletion:
    """What was deleted for one request."""

    login: LoginName
    confirmation_code: str
    received_at: datetime  # UTC; the deletion was committed with the record of the request
    accounts: int
    canceled_posts: int
