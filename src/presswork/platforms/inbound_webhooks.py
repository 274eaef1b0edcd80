"""The part of the port that reads what platforms send to Presswork: webhooks, and requests of people about their own data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from presswork.core.errors import Code, PressworkError

REFERENCE: Final = "publish_id"
"""The key in a job's state under which a connector stores the platform's id of the delivery, as text; inbound webhooks
refer to a delivery by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedEvent:
    """One event that a platform reported by a signed webhook. It is a hint: the worker asks the platform for the outcome."""

    event: str
    """The platform's name of the event."""
    account: str
    """The platform's id of the account (see `TargetAccount.external_id`)."""
    reference: str | None
    """The id of the delivery that the event is about, as stored under REFERENCE in the post's state."""
    occurred_at: datetime
    detail: Mapping[str, str] = field(default_factory=dict)
    """Further fields worth keeping, under the platform's names. No secrets."""
    message: str | None = None
    """The timeline message, or None where there is nothing that a person needs to know."""
    is_news: bool = False
    """Whether the timeline always shows it; otherwise only where the outcome of the post is unknown."""
    is_public: bool = False
    """Whether the event says that the post is visible, so that its id and address can be fetched."""
    ends_access: bool = False
    """Whether the account's owner or the platform revoked the access; all earlier tokens are invalid."""


class NotGenuine(PressworkError):
    """The webhook claims to be from a platform but has no valid, recent signature."""

    code = Code.UNAUTHENTICATED


class WebhookReader(Protocol):
    """Reads the webhooks that a platform sends."""

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> ReportedEvent | None:
        """Verify and parse a webhook from its headers (lower-case names) and raw body.

        Return None for a genuine webhook that can't be parsed. Raises NotGenuine.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentHint:
    """A platform reported that comments of a live post were written or changed. A hint: they are read from the platform."""

    account: str
    """The platform's id of the account (see `TargetAccount.external_id`)."""
    posts: Sequence[str] = ()
    """The platform's ids under which the post, or a part of its thread, may be stored (`LivePost.external_id`): one in each spelling.
    Empty where the webhook does not say which post it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeResponse:
    """The response to a platform that checks the URL of webhooks."""

    body: str
    content_type: str = "text/plain"


class CommentWebhookReader(Protocol):
    """Reads the webhooks about comments that a platform sends, and answers its check of their URL."""

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[CommentHint]:
        """Verify and parse a webhook from its headers (lower-case names) and raw body.

        Return what it says about comments: nothing for another one, or one that can't be parsed. Raises NotGenuine.
        """
        ...

    @property
    def has_verify_token(self) -> bool:
        """Whether the platform checks the URL with a token that is entered there."""
        ...

    def answer_challenge(
        self, query: Mapping[str, str], *, verify_tokens: Sequence[str] | None = None
    ) -> ChallengeResponse | None:
        """Return the response to a GET request that checks the URL, or None where the request is not the platform's.

        `verify_tokens` are those of a customer's app, in place of the installation's.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRequest:
    """A signed request: a person removed the operator's app, or asks to have their data deleted. The address says which."""

    user_id: str
    """The platform's id of the person: `Grant.grantor_id`, or that of the account itself."""
    issued_at: datetime  # UTC
    digest: bytes
    """SHA-256 of what was signed: the same for each repetition of a request, and for no other one of the same app."""


class UserRequestReader(Protocol):
    """Reads what a platform sends when a person removes the operator's app or asks to have their data deleted."""

    def read(self, text: str, *, now: datetime) -> UserRequest | None:
        """Verify and parse a signed request, or return None if it is not signed for this app. Raises NotGenuine."""
        ...
