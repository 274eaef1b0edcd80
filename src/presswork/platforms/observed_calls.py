"""What an attempt does with the calls of its connector when that is verified: it records the answers, or loses a response."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from presswork.core.response_shapes import NAME, RecordedResponse, merge_responses, shape_of
from presswork.platforms.platform_text import read_json

_MAX_ANSWERS: Final = 200
"""Recorded in one attempt; different answers only."""


@dataclass(slots=True, kw_only=True)
class Recording:
    """The answers of an attempt that were not taken yet."""

    answers: list[RecordedResponse] = field(default_factory=list)

    def add(self, operation: str, method: str, status: int, headers: Iterable[str], body: bytes) -> None:
        """Record an answer, unless the same one is there or there are too many."""
        try:
            shape = shape_of(read_json(body)) if body else "empty"
        except ValueError:
            shape = "other"
        names = frozenset(name.lower() for name in headers if NAME.fullmatch(name))
        answer = RecordedResponse(operation=operation, method=method, status=status, headers=names, body=shape)
        if answer not in self.answers and len(self.answers) < _MAX_ANSWERS:
            self.answers.append(answer)

    def take(self) -> Sequence[RecordedResponse]:
        """Return the recorded answers, merged, and begin again."""
        taken, self.answers = merge_responses(self.answers), []
        return taken


_CURRENT: Final[ContextVar[Recording | None]] = ContextVar("recording", default=None)


@contextmanager
def recording() -> Iterator[Recording]:
    """Record the answers to all calls in the block."""
    own = Recording()
    token = _CURRENT.set(own)
    try:
        yield own
    finally:
        _CURRENT.reset(token)


def current_recording() -> Recording | None:
    """Return the recording of the block around, if there is one."""
    return _CURRENT.get()


_LOSS: Final[ContextVar[list[str] | None]] = ContextVar("loss", default=None)
"""The operations whose response was lost on purpose, inside `losing_response`."""


@contextmanager
def losing_response() -> Iterator[None]:
    """Lose the response to the first call in the block that may change something: the platform has acted, and the caller gets
    CallFailed. All other calls are as usual.
    """
    token = _LOSS.set([])
    try:
        yield
    finally:
        _LOSS.reset(token)


def take_loss(operation: str, method: str) -> bool:
    """Return whether the response to this call is the one to lose."""
    lost = _LOSS.get()
    if lost != [] or method == "GET":
        return False
    lost.append(operation)
    return True
