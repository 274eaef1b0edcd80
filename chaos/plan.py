"""What goes wrong, and when: drawn from a seed, so that a run can be repeated with the same faults in the same order."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from pydantic import JsonValue


class Kind(StrEnum):
    """A kind of fault in our own processes."""

    KILL_WORKER = "worker killed (SIGKILL)"
    KILL_API = "API process killed (SIGKILL)"
    KILL_POSTGRES = "PostgreSQL killed (SIGKILL)"
    STOP_WORKER = "worker stopped past its lease, then resumed"
    STOP_API = "API process stopped, then resumed"
    STOP_POSTGRES = "PostgreSQL stopped, then resumed"
    CUT = "database connections cut"
    STOP_PLATFORM = "platform stopped, then resumed"
    CLOCK = "platform's clock moved"
    SKEW_WORKER = "worker restarted with its wall clock five minutes off"


WEIGHTS: Final[Mapping[Kind, int]] = {
    Kind.KILL_WORKER: 6,
    Kind.KILL_API: 4,
    Kind.KILL_POSTGRES: 2,
    Kind.STOP_WORKER: 5,
    Kind.STOP_API: 2,
    Kind.STOP_POSTGRES: 2,
    Kind.CUT: 6,
    Kind.STOP_PLATFORM: 2,
    Kind.CLOCK: 2,
    Kind.SKEW_WORKER: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault in our own processes."""

    number: int
    after: timedelta
    """How long after the one before."""
    kind: Kind
    lasts: timedelta
    """How long something stays stopped, or dead until it is started again."""
    choice: float
    """Which of the processes or connections, in [0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often things go wrong, and for how long."""

    lease: timedelta
    """The workers' lease; a stopped worker stays stopped for longer than that."""
    between: timedelta
    """Mean time between two faults in our own processes."""
    trouble_between: timedelta
    """Mean time between two troubles that a platform is told to have."""
    posts_between: int = 0
    """So many posts end at least between two faults in our own processes, or `LONGEST_LULL` passes: on a machine that is
    busy with other things, nothing would ever come to its end between two faults that are seconds apart."""
    posts_between_troubles: int = 0
    """The same for the platforms."""


LONGEST_LULL: Final = timedelta(seconds=30)
"""How long a fault waits at most for the cluster to get on."""


def faults(seed: int, retry_policy: RetryPolicy) -> Iterator[Fault]:
    """Return faults without end. The first ones are one of each kind, so that a short run has seen them all."""
    draw = random.Random(f"faults {seed}")  # noqa: S311  it has to be repeatable
    kinds = list(Kind)
    draw.shuffle(kinds)
    number = 0
    while True:
        number += 1
        kind = kinds.pop() if kinds else draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        yield Fault(
            number=number,
            after=retry_policy.between * draw.uniform(0.4, 1.6),
            kind=kind,
            lasts=_lasts(kind, draw, retry_policy),
            choice=draw.random(),
        )


def _lasts(kind: Kind, draw: random.Random, retry_policy: RetryPolicy) -> timedelta:
    match kind:
        case Kind.STOP_WORKER:
            return retry_policy.lease * draw.uniform(1.2, 2.5)
        case Kind.SKEW_WORKER:
            return retry_policy.lease * draw.uniform(2, 5)
        case Kind.CLOCK:
            return timedelta(minutes=draw.choice((1, 10, 61, 25 * 60)))
        case _:
            return timedelta(seconds=draw.uniform(0.2, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault that the sandbox is told to have: the body of `POST /sandbox/control/faults`."""

    after: timedelta
    body: Mapping[str, JsonValue]

    @property
    def name(self) -> str:
        """The kind of fault, for the report."""
        return str(self.body["fault"])


_CALLS: Final[Mapping[str, Sequence[str]]] = {
    "instagram": (
        "media",
        "container_status",
        "media_publish",
        "permalink",
        "comments",
        "content_publishing_limit",
        "refresh",
    ),
    "tiktok": ("creator_info", "video_init", "inbox_init", "content_init", "upload", "status_fetch", "refresh"),
    "sms": ("messages", "message_status"),
    "provider": ("dispatch", "dispatch_status"),
}
_SHARE: Final[Mapping[str, int]] = {"instagram": 10, "tiktok": 10, "sms": 1, "provider": 1}
_EVERYWHERE: Final = ("latency", "http_500", "html_502", "malformed_json", "drop_before_effect", "drop_after_effect")
_ON_JOBS: Final = ("stuck_processing", "media_error")
_JOBS: Final = frozenset({"media", "video_init", "inbox_init", "content_init", "messages", "dispatch"})
_TOKENS: Final = frozenset({"media", "media_publish", "container_status", "creator_info", "video_init", "status_fetch"})
_THROTTLING: Final[Mapping[str, Mapping[str, JsonValue]]] = {
    "instagram": {"code": 4},
    "tiktok": {"code": "rate_limit_exceeded"},
}
LIVE_CALLS: Final[Mapping[str, Sequence[str]]] = {
    "instagram": ("media_publish", "comments"),
    "tiktok": ("upload", "content_init"),
    "sms": ("messages",),
    "provider": ("dispatch",),
}
"""Calls that can't be taken back. Their errors may strike after the effect, and they get the larger share of the troubles."""
_LIVE_SHARE: Final = 3
_AMBIGUOUS: Final[Mapping[str, JsonValue]] = {"code": 4, "subcode": 2207051, "afterEffect": True}
"""What Instagram answers to a post that it may have published all the same."""
_SPOILT: Final[Mapping[str, Mapping[str, JsonValue]]] = {
    "instagram": {"subcode": 2207026},
    "tiktok": {"code": "file_format_check_failed"},
    "sms": {"code": "30008"},
    "provider": {"code": "media_unreachable"},
}


def troubles(seed: int, retry_policy: RetryPolicy) -> Iterator[Trouble]:
    """Return platform faults without end: slow, 5xx, dropped before and after the effect, throttled, expired, stuck."""
    draw = random.Random(f"troubles {seed}")  # noqa: S311  it has to be repeatable
    while True:
        platform = draw.choices(list(_SHARE), list(_SHARE.values()))[0]
        operations = _CALLS[platform]
        operation = draw.choices(operations, [_LIVE_SHARE if one in LIVE_CALLS[platform] else 1 for one in operations])[
            0
        ]
        kinds = list(_EVERYWHERE)
        if operation in _JOBS:
            kinds += _ON_JOBS
        if operation in _TOKENS:
            kinds.append("token_expired")
        if platform in _THROTTLING and operation not in ("refresh", "upload"):
            kinds.append("platform_error")
        yield Trouble(
            after=retry_policy.trouble_between * draw.uniform(0.2, 1.8),
            body=_body(platform, operation, draw.choice(kinds), draw),
        )


def _body(platform: str, operation: str, kind: str, draw: random.Random) -> Mapping[str, JsonValue]:
    body: dict[str, JsonValue] = {
        "platform": platform,
        "operation": operation,
        "fault": kind,
        "times": draw.choice((1, 1, 2, 3)),
        "skip": draw.randrange(4),
    }
    if kind == "latency":
        body["value"] = {"ms": draw.choice((50, 400, 2_000))}
    if kind == "platform_error":
        is_ambiguous = operation == "media_publish" and draw.random() < 0.5
        body["value"] = dict(_AMBIGUOUS if is_ambiguous else _THROTTLING[platform])
    if kind == "media_error":
        body["value"] = dict(_SPOILT[platform])
    if kind in ("http_500", "html_502") and operation in LIVE_CALLS[platform]:
        body["value"] = {"afterEffect": draw.random() < 0.5}
    return body
