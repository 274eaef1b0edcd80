"""The HTTP response behind an object."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_EXCERPT_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """An HTTP response."""

    status_code: int
    headers: Mapping[str, str]
    """By lower-case name."""
    content: bytes
    """The body, byte for byte."""
    attempts: int
    """How many times the request was sent, including the attempt that returned this response."""

    @property
    def request_id(self) -> str | None:
        """The request id. Quote it when you report a problem to the server's operator."""
        return self.headers.get("x-request-id")

    @property
    def is_replayed(self) -> bool:
        """Whether this is the stored response of an earlier call with the same idempotency key."""
        return self.headers.get("idempotent-replayed") == "true"


def excerpt(response: ApiResponse) -> str:
    """Return a sentence with the beginning of a response."""
    text = " ".join(response.content[: _EXCERPT_CHARACTERS * 4].decode(errors="replace").split())
    shown = text if len(text) <= _EXCERPT_CHARACTERS else f"{text[:_EXCERPT_CHARACTERS]}…"
    return f"The response begins with: {shown}" if shown else "The response is empty."
