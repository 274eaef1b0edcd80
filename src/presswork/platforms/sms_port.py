"""The interface of an SMS service: send once, fetch by id, or find by content after a lost response."""

from base64 import b32encode
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Protocol
from uuid import UUID

from presswork.platforms.errors import Rejected
from presswork.platforms.port import RetryPolicy

LONGEST_BODY: Final = 1600
"""Maximum UTF-16 units of one message's text."""
MAX_MEDIA: Final = 10
MAX_MEDIA_BYTES: Final = 5_000_000
"""Of all media of one message together. Carriers accept at most 5 MB; many accept less, and shrink pictures themselves."""
NOT_CARRIED: Final = frozenset({"image/webp", "application/pdf"})
"""Content types of uploads that a message links to: MMS does not carry WebP (Twilio, "Accepted content types for media", read
2026-11), and phones differ in what they do with a PDF."""
RECEIPT_WAIT: Final = timedelta(minutes=10)
"""How long a draft's message may be with the carrier before it counts as delivered: some carriers send no receipts."""

PHONE_MISSING: Final = (
    "The organization's primary operator has no verified phone in this environment, so no text message can be sent. "
    "Verify it (POST /v1/operators/{operatorId}/verify-phone, with a key of this environment), then publish again."
)


class TextState(StrEnum):
    """Delivery state of a message."""

    UNDER_WAY = "under_way"  # accepted, not with the carrier yet
    SENT = "sent"  # with the carrier, no receipt yet
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """One message, as the SMS service reports it."""

    id: str
    state: TextState
    body: str
    created_at: datetime | None
    """UTC; None where the service did not report it."""
    failure: Rejected | None = None
    """Why it was not delivered, for a message that is FAILED."""


class SmsGateway(Protocol):
    """A service that sends text messages."""

    @property
    def retry_policy(self) -> RetryPolicy:
        """The waits and time-outs for this service."""
        ...

    async def send(self, *, to: str, body: str, media_urls: Sequence[str], callback_url: str | None) -> TextMessage:
        """Send one message: the one irreversible call. `to` is in E.164.

        Raises Rejected and TryLater only where the response proves that nothing was sent, else OutcomeUnknown.
        """
        ...

    async def fetch(self, message_id: str) -> TextMessage:
        """Return the current state of a message. Raises Rejected, TryLater."""
        ...

    async def find(self, *, to: str, since: datetime, is_it: Callable[[str], bool]) -> Sequence[TextMessage]:
        """Return the messages to a phone whose text matches, newest first, since about an instant (UTC).

        An empty result means that there is none. Raises Rejected, TryLater.
        """
        ...

    @property
    def signature_header(self) -> str:
        """The header of a delivery report that has its signature."""
        ...

    def is_signed(self, url: str, fields: Sequence[tuple[str, str]], signature: str) -> bool:
        """Whether a delivery report to this address, with these fields, was sent by the service."""
        ...


def length_of(text: str) -> int:
    """Return a text's length as SMS services count it, in UTF-16 units: most emoji count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def can_attach(media: Collection[tuple[str, int]]) -> bool:
    """Whether media of these content types and sizes in bytes fit into one message; if not, a link leads to all of them."""
    is_carried = all(content_type not in NOT_CARRIED for content_type, _ in media)
    return is_carried and 0 < len(media) <= MAX_MEDIA and sum(size for _, size in media) <= MAX_MEDIA_BYTES


def reference_of(identity: UUID) -> str:
    """Return the short reference by which a text is found again; derived from the id, so always the same."""
    return "PW-" + b32encode(sha256(identity.bytes).digest()[:5]).decode()


def pause_after(elapsed: timedelta, retry_policy: RetryPolicy, *, longest: timedelta) -> timedelta:
    """Return the wait before the next poll of a message: as long as it has taken so far, so that polls become rare."""
    return max(retry_policy.poll_first, min(longest, elapsed))
