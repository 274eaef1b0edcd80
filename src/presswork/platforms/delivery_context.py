"""What some delivery channels need beyond the account; part of the port."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccess:
    """A managed provider as the operator configured it: its base URL and the secret (`whsec_…`) that both sides sign with."""

    name: str
    base_url: str
    secret: str = field(repr=False)
    former_secret: str | None = field(default=None, repr=False)
    """The previous secret, while it is still valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A track of the music catalogue; `link` is its public address."""

    id: UUID
    title: str
    author: str | None
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryContext:
    """What some delivery channels need beyond the account."""

    operator_phone: str | None
    """The verified phone of the organization's primary operator, in E.164; None where there is none."""
    provider: ProviderAccess | None
    """The provider of the account's layer. None: the account is in no managed layer, or its provider is not configured."""
    track: Track | None
    """The track that the target requested with `manual`."""
    first_comment: str | None
    page_url: str
    """Signed, expiring page with the media and the caption, made for a phone."""
    callback_url: str
    """Where the provider or SMS service may report progress of this post."""
