"""Text messages, as the rest of Presswork knows them: sent once, looked up by id, or by their words after a lost answer."""

from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Protocol
from uuid import UUID

from presswork.platforms.errors import Rejected
from presswork.platforms.port import RetryPolicy

LONGEST_BODY: Final = 1600
"""UTF-16 units of one message's text."""
MOST_MEDIA: Final = 10
MOST_MEDIA_BYTES: Final = 5_000_000
"""Of all media of one message together. Carriers take 5 MB at most; many take less, and shrink pictures by themselves."""
RECEIPT_WAIT: Final = timedelta(minutes=10)
"""How long a draft's message may be with the carrier before it counts as delivered: some carriers send no receipts."""

PHONE_MISSING: Final = (
    "The organization's primary operator has no verified phone in this environment, so no text message can be sent. "
    "Verify it (POST /v1/operators/{operatorId}/verify-phone, with a key of this environment), then publish again."
)


class TextState(StrEnum):
    """Where a message is."""

    UNDER_WAY = "under_way"  # taken, not with the carrier yet
    SENT = "sent"  # with the carrier, no receipt yet
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """One message, as the service that sends it knows it."""

    id: str
    state: TextState
    body: str
    created_at: datetime | None
    """UTC; None where the service did not report."""
    failure: Rejected | None = None
    """Why it was not delivered, for a message that is FAILED."""


class Texts(Protocol):
    """A service that sends text messages."""

    @property
    def retry_policy(self) -> RetryPolicy:
        """How patient to be with it."""
        ...

    async def send(self, *, to: str, body: str, media_urls: Sequence[str], callback_url: str | None) -> TextMessage:
        """Send one message: the one irreversible call. `to` is in E.164.

        Raises Rejected and TryLater only where the answer proves that nothing was sent, else OutcomeUnknown.
        """
        ...

    async def fetch(self, message_id: str) -> TextMessage:
        """Return a message as it is now. Raises Rejected, TryLater."""
        ...

    async def find(self, *, to: str, since: datetime, is_it: Callable[[str], bool]) -> Sequence[TextMessage]:
        """Return the messages to a phone whose text fits, newest first; since an instant (UTC), give or take a while.

        An empty answer means that there is none. Raises Rejected, TryLater.
        """
        ...

    def is_signed(self, url: str, fields: Sequence[tuple[str, str]], signature: str) -> bool:
        """Whether a report of progress to this address, with these fields, came from the service."""
        ...


def length_of(text: str) -> int:
    """Return a text's length as message services count it, in UTF-16 units: most emoji count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def can_attach(sizes_bytes: Sequence[int]) -> bool:
    """Whether media of these sizes can go along with one message. Otherwise none does, and a link leads to them all."""
    return 0 < len(sizes_bytes) <= MOST_MEDIA and sum(sizes_bytes) <= MOST_MEDIA_BYTES


def reference_of(identity: UUID) -> str:
    """Return the short word by which a text is found again; derived from what the text is about, the same each time."""
    return "PW-" + b32encode(sha256(identity.bytes).digest()[:5]).decode()


def pause_after(elapsed: timedelta, retry_policy: RetryPolicy, *, longest: timedelta) -> timedelta:
    """Return the wait before the next look at a message: as long again as it has taken, so that looks grow rare."""
    return max(retry_policy.poll_first, min(longest, elapsed))
