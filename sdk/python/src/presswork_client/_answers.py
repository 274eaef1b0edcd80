"""The HTTP answer behind an object."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """An answer as it came over the wire."""

    status_code: int
    headers: Mapping[str, str]
    """By lower-case name."""
    content: bytes
    """The body, byte for byte."""
    attempts: int
    """How often the call was sent, this answer's time included."""

    @property
    def request_id(self) -> str | None:
        """What to name to whoever runs the server."""
        return self.headers.get("x-request-id")

    @property
    def is_replayed(self) -> bool:
        """Whether this is the stored answer of an earlier call with the same idempotency key."""
        return self.headers.get("idempotent-replayed") == "true"
