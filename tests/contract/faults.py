"""Faults of the sandbox, and what must hold of a post whatever fault its calls meet."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from pydantic import JsonValue
from tests.contract.job import End, MemoryJob
from tests.tiers import exhaustive

from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.port import Present
from presswork.worker.reconciliation import Unknown


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
LOST_NAMES: Final[Sequence[str]] = (
    "http_500",
    "html_502",
    "malformed_json",
    "drop_before_effect",
    "drop_after_effect",
)
LATE_EFFECT: Final = Fault("late_effect", {"ms": 900})
LOST: Final[Sequence[Fault]] = (*(Fault(name) for name in LOST_NAMES), LATE_EFFECT)
"""After these, the caller does not know whether the call had an effect, or will have one."""
LATENCY: Final = Fault("latency", {"ms": 20})


FAULTS: Final = frozenset(
    {
        "drop_before_effect",
        "drop_after_effect",
        "late_effect",
        "http_500",
        "html_502",
        "malformed_json",
        "latency",
        "token_expired",
        "platform_error",
        "stuck_processing",
        "media_error",
    }
)
"""All faults of the sandbox."""


class Shape(StrEnum):
    """What a fault looks like to a connector."""

    BEFORE_EFFECT = "the connection is cut before the effect"
    AFTER_EFFECT = "the connection is cut after the effect"
    LATE_EFFECT = "the effect comes after the connection was cut"
    LOST = "a response says nothing about the effect"
    SLOW = "the response takes its time"
    THROTTLED = "the platform asks to wait"
    TOKEN = "the token has become invalid"
    PERMANENT = "the platform refuses for good"


class Call(Enum):
    """The kinds of calls."""

    PUBLISH = "makes a post live, or writes something else that must not be there twice"
    WRITE = "creates or uploads what is not visible yet, or is a step of a login"
    READ = "changes nothing"


REPRESENTATIVES: Final[Mapping[Shape, Set[str]]] = {
    Shape.BEFORE_EFFECT: {"drop_before_effect"},
    Shape.AFTER_EFFECT: {"drop_after_effect"},
    Shape.LATE_EFFECT: {"late_effect"},
    Shape.LOST: {"http_500"},
    Shape.SLOW: {"latency"},
    Shape.THROTTLED: {
        "platform_error-4",  # Instagram, Threads, Facebook
        "platform_error-rate_limit_exceeded",  # TikTok
        "platform_error-429",  # an upload to TikTok
        "platform_error-rateLimitExceeded",  # YouTube
        "platform_error-TOO_MANY_REQUESTS",  # LinkedIn
        "platform_error-20429",  # text messages
    },
    Shape.TOKEN: {"token_expired"},
    Shape.PERMANENT: {
        "platform_error-100",  # Instagram, Threads, Facebook
        "platform_error-invalid_param",  # TikTok
        "platform_error-403",  # an upload to TikTok
        "platform_error-invalidTitle",  # YouTube
        "platform_error-INVALID_VALUE_FOR_FIELD",  # LinkedIn
    },
}
"""The faults that stand for those of their shape, by their names in the ids of tests."""

SHAPES: Final[Mapping[Call, Set[Shape]]] = {
    Call.PUBLISH: frozenset(Shape),
    Call.WRITE: {Shape.AFTER_EFFECT, Shape.THROTTLED, Shape.PERMANENT},
    Call.READ: {Shape.LOST, Shape.PERMANENT},
}
"""The shapes that every change tries at each kind of call. A call that is simply repeated can't tell the others apart."""

READS: Final = frozenset(
    {
        "accounts",
        "channels",
        "comments_list",
        "container_status",
        "creator_info",
        "dispatch_status",
        "get_record",
        "job_status",
        "media_status",
        "message_status",
        "messages_list",
        "organization_acls",
        "permalink",
        "permissions",
        "person",
        "posts_by_author",
        "published_posts",
        "quota",
        "content_publishing_limit",
        "status_fetch",
        "userinfo",
        "video_status",
        "videos_list",
    }
)
"""Operations that change nothing."""


def matrix(rows: Iterable[Any], *, publishing: Collection[str] = (), at: Call | None = None) -> "list[Any]":
    """Return rows of a fault matrix for `parametrize`: every change runs one fault of each shape at each kind of call.

    A row is a fault, or a tuple with a fault and the operation that has it; `publishing` names the operations that publish,
    and `at` the kind of call where the test has one operation. A row without a fault always runs.
    """
    kept, marked = 0, []
    for row in rows:
        parts = row if isinstance(row, tuple) else (row,)
        if _is_kept([str(part) for part in parts if isinstance(part, str | Fault)], publishing, at):
            kept += 1
            marked.append(row)
        else:
            marked += exhaustive([row])
    if not kept:
        raise ValueError("no fault of these rows stands for its shape")
    return marked


def _is_kept(names: Sequence[str], publishing: Collection[str], at: Call | None) -> bool:
    if at is None:
        at = Call.WRITE
        if any(name in READS for name in names):
            at = Call.READ
        elif any(name in publishing for name in names):
            at = Call.PUBLISH
    of_faults = [name for name in names if name not in READS and name not in publishing and _is_fault(name)]
    return all(any(name in REPRESENTATIVES[shape] for shape in SHAPES[at]) for name in of_faults)


def _is_fault(name: str) -> bool:
    return name.partition("-")[0] in FAULTS


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
    if isinstance(end, Present):
        assert len(live) == 1
    elif not isinstance(end, Unknown):
        assert len(live) == 0


def assert_explained(end: End, job: MemoryJob, *secrets: str) -> None:
    """Check that a failure has a message, and that no token or other secret is in any text."""
    texts = [note.message for note in job.notes] + [str(note.detail) for note in job.notes]
    if not isinstance(end, Present):
        texts.append(end.message)
        assert end.message.endswith(".")
    if isinstance(end, Rejected | CredentialInvalid | TryLater):
        texts.append(end.platform_message or "")
    tokens = [job.tokens.access_token, *([job.tokens.refresh_token] if job.tokens.refresh_token else [])]
    assert not [text for text in texts for secret in (*tokens, *secrets) if secret in text]
