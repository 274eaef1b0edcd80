"""Faults of the sandbox, and what must hold of a post whatever fault its calls meet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue
from tests.contract.job import End, MemoryJob

from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.port import CannotTell, Live


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the sandbox and its value."""

    name: str
    value: JsonValue = None

    def __str__(self) -> str:
        """Return a short name for the test's id."""
        value = self.value if isinstance(self.value, dict) else {}
        return "-".join(
            [self.name, *(str(value[part]) for part in ("code", "subcode", "afterEffect") if part in value)]
        )

    def more(self, **other: JsonValue) -> dict[str, JsonValue]:
        """Return the parameters that arm it, beyond operation and name."""
        return other if self.value is None else {"value": self.value, **other}


def code(name: str | int, subcode: int | None = None) -> Fault:
    """Return an error by the platform."""
    return Fault("platform_error", {"code": name} if subcode is None else {"code": name, "subcode": subcode})


AFTER_EFFECT: Final = Fault("http_500", {"afterEffect": True})
LOST: Final[Sequence[Fault]] = tuple(
    Fault(name) for name in ("http_500", "html_502", "malformed_json", "drop_before_effect", "drop_after_effect")
)
"""After these, the caller does not know whether the call had an effect."""
LATENCY: Final = Fault("latency", {"ms": 20})


Thin = Callable[[Sequence[Fault]], Sequence[Fault]]
"""Leaves out faults that another one stands for."""


def sparse(faults: Sequence[Fault]) -> Sequence[Fault]:
    """Return the faults for an operation that is safe to repeat: all kinds, and every third error code.

    A code means the same at every operation, and each is tested separately; the calls that publish meet all of them.
    """
    codes = [fault for fault in faults if fault.name == "platform_error"]
    return [*(fault for fault in faults if fault.name != "platform_error"), *codes[::3]]


def sparse_lasting(faults: Sequence[Fault]) -> Sequence[Fault]:
    """Return the same without faults that, where they last and the call is repeated, are like another one."""
    return [fault for fault in sparse(faults) if fault.name not in {"latency", "html_502", "drop_before_effect"}]


def assert_consistent(end: End, live: Sequence[object]) -> None:
    """Check the invariant: at most one post; exactly one if the outcome is Live; none if it is a failure."""
    assert len(live) <= 1
    if isinstance(end, Live):
        assert len(live) == 1
    elif not isinstance(end, CannotTell):
        assert len(live) == 0


def assert_explained(end: End, job: MemoryJob, *secrets: str) -> None:
    """Check that a failure has a message, and that no token or other secret is in any text."""
    texts = [note.message for note in job.notes] + [str(note.detail) for note in job.notes]
    if not isinstance(end, Live):
        texts.append(end.message)
        assert end.message.endswith(".")
    if isinstance(end, Rejected | CredentialInvalid | TryLater):
        texts.append(end.platform_message or "")
    tokens = [job.tokens.access_token, *([job.tokens.refresh_token] if job.tokens.refresh_token else [])]
    assert not [text for text in texts for secret in (*tokens, *secrets) if secret in text]
