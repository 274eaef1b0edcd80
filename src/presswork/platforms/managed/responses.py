"""Parses a provider's responses: a dispatch, or a protocol error. All of it is untrusted input."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from presswork.platforms.errors import Reported
from presswork.platforms.platform_text import read_json
from presswork.platforms.transport import Reply

_MAX_ID: Final = 255
_MAX_URL: Final = 2_000
_MAX_MESSAGE: Final = 1_000

Word = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_]+$")]


class DispatchStatus(StrEnum):
    """Status of a dispatch at its provider."""

    ACCEPTED = "accepted"
    WORKING = "working"
    PUBLISHED = "published"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELED = "canceled"


class _ProviderModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, hide_input_in_errors=True)


class ProviderError(_ProviderModel):
    """Why a dispatch or a call failed, as the provider reports it."""

    code: Word
    message: str = ""

    @property
    def text(self) -> str:
        """The message, bounded for storage."""
        return _truncate(self.message, _MAX_MESSAGE) or self.code


class Dispatch(_ProviderModel):
    """A dispatch, as the provider reports it. Unknown fields are ignored."""

    post_id: str
    dispatch_id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    sequence: int = Field(ge=1, le=2**31)
    status: DispatchStatus
    external_id: str | None = None
    external_url: str | None = None
    error: ProviderError | None = None

    @property
    def known_id(self) -> str | None:
        """The post's id on its platform, or None where it can't be stored."""
        text = _truncate(self.external_id or "", _MAX_ID + 1)
        return text if 0 < len(text) <= _MAX_ID else None

    @property
    def known_url(self) -> str | None:
        """The URL of the post, or None where it is not an HTTP URL."""
        text = _truncate(self.external_url or "", _MAX_URL + 1)
        try:
            is_url = urlsplit(text).scheme in {"http", "https"} and bool(urlsplit(text).hostname)
        except ValueError:
            is_url = False
        return text if is_url and len(text) <= _MAX_URL else None


class _Refusal(_ProviderModel):
    error: ProviderError


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderResponse:
    """One response: a dispatch, or a protocol error, or neither (a proxy's page, for example)."""

    status: int
    dispatch: Dispatch | None
    error: ProviderError | None
    retry_after: timedelta | None

    @classmethod
    def of(cls, reply: Reply, *, post_id: str) -> Self:
        """Parse a response about one post; a dispatch of another post is ignored."""
        dispatch = read_dispatch(reply.body) if 200 <= reply.status < 300 else None
        error = None
        if reply.status >= 400:
            with suppress(ValidationError):
                error = _Refusal.model_validate(reply.json_object()).error
        return cls(
            status=reply.status,
            dispatch=dispatch if dispatch is not None and dispatch.post_id == post_id else None,
            error=error,
            retry_after=reply.retry_after,
        )

    @property
    def code(self) -> str:
        """The protocol's code, or else the HTTP status."""
        return self.error.code if self.error is not None else str(self.status)

    @property
    def reported(self) -> Reported:
        """The code and the provider's own message, for an error of Presswork."""
        return Reported(platform_code=self.code, platform_message=None if self.error is None else self.error.text)


def read_dispatch(body: bytes) -> Dispatch | None:
    """Parse a body as a dispatch, or return None where it is not one."""
    try:
        return Dispatch.model_validate(read_json(body))
    except ValueError:
        return None


def _truncate(text: str, max_characters: int) -> str:
    return text.strip()[:max_characters]
