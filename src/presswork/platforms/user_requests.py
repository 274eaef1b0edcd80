"""The part of the port that reads requests of people about their own data, which a platform passes on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


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
        """Verify and parse a signed request; None: it is not signed for this app. Raises NotGenuine."""
        ...
