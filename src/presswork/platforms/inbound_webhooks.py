"""What platforms tell on their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from presswork.core.errors import Code, PressworkError

REFERENCE: Final = "publish_id"
"""The name in a job's state under which a connector keeps the platform's own id of the delivery, by which notices speak
of it; text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a platform told on its own, by a signed call. A hint: what happened is asked of the platform itself."""

    event: str
    """The platform's own name for it."""
    account: str
    """The platform's id of the account (see `TargetAccount.external_id`)."""
    reference: str | None
    """The delivery that it speaks of, by the id that stands under REFERENCE in the post's state."""
    occurred_at: datetime
    detail: Mapping[str, str] = field(default_factory=dict)
    """What else is worth keeping, by the platform's own names. No secrets."""
    message: str | None = None
    """What it says, for a timeline; None: nothing that a person wants to know."""
    is_news: bool = False
    """Whether the timeline tells it in any case; otherwise only where nobody could tell what became of the post."""
    is_public: bool = False
    """Whether it says that the post can be seen, so that its id and address can be asked for."""
    ends_access: bool = False
    """Whether the account's owner, or the platform, has taken the access back; the tokens from before are dead."""


class NotGenuine(PressworkError):
    """A call that says it is a platform's, and is not signed by it, or too long ago."""

    code = Code.UNAUTHENTICATED


class Notices(Protocol):
    """Reads what a platform tells on its own."""

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice | None:
        """Return the notice of a call, by its headers (names in lower case) and raw body.

        None: it is the platform's, and can't be read. Raises NotGenuine.
        """
        ...
