"""What the callers asked for, and the responses that they got."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.client import Response
from chaos.world import Account, Content


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedPost:
    """A target of a publish call. Its caption is unique, so that the post can be found on the platform."""

    caption: str
    account: Account
    mode: str
    content: Content
    comment: str | None
    parts: Sequence[str] = ()
    """The parts after the first, if its text is split into a thread of posts. Each is unique."""
    is_labelled: bool = False
    """Whether the platform's option for its AI label is sent; only in mode `publish`."""


@dataclass(slots=True, kw_only=True)
class CallerRecord:
    """The responses that the callers got."""

    accepted: dict[str, RequestedPost] = field(default_factory=dict)
    """By post id."""
    canceled: set[str] = field(default_factory=set)
    contents: dict[str, str] = field(default_factory=dict)
    """Approval status of all uploaded content, by id."""
    reconnections: dict[str, int] = field(default_factory=dict)
    """How often an account's access ended and its owner connected it again, by id."""
    refused: dict[str, int] = field(default_factory=dict)
    """Expected refusals, by code, such as a cancel that came too late."""
    unexpected_responses: list[str] = field(default_factory=list)
    """Responses that no caller should get."""
    counts: dict[str, int] = field(default_factory=dict)
    """Calls, by purpose."""

    def count(self, name: str) -> None:
        """Count a call."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def refuse(self, response: Response) -> None:
        """Count an expected refusal."""
        error = response.json().get("error")
        code = str(error.get("code")) if isinstance(error, dict) else str(response.status)
        self.refused[code] = self.refused.get(code, 0) + 1

    def add_unexpected(self, what: str, response: Response) -> None:
        """Record a response that no caller should get."""
        self.unexpected_responses.append(f"{what} returned {response.status}: {response.body[:400].decode()}")
