"""The HTTP response behind an object."""

from collections.abc import Mapping
from dataclasses import dataclass


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
