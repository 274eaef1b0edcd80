"""Generate the faults of a run from a seed, so that a run can be repeated with the same faults in the same order."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from pydantic import JsonValue

from chaos.platforms import PLATFORMS, SERVICES, ChaosPlatform


class Kind(StrEnum):
    """A kind of fault in Presswork's processes."""

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
    FAIL_OVER = "database failover: primary killed, standby promoted"
    FULL_DATABASE = "PostgreSQL's disk full"
    FULL_MEDIA = "disk of the media full"
    STARVE_WORKER = "worker out of memory"
    STARVE_API = "API process out of memory"
    STARVE_POSTGRES = "PostgreSQL backend out of memory"
    ROLL = "process restarted with the older version, then with the newer"


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
    Kind.FAIL_OVER: 3,
    Kind.FULL_DATABASE: 2,
    Kind.FULL_MEDIA: 2,
    Kind.STARVE_WORKER: 2,
    Kind.STARVE_API: 2,
    Kind.STARVE_POSTGRES: 2,
    Kind.ROLL: 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault in Presswork's processes."""

    number: int
    after: timedelta
    """Time since the previous fault."""
    kind: Kind
    lasts: timedelta
    """How long a process stays stopped, or dead until it is restarted."""
    choice: float
    """Selects the process or the connections, in [0, 1)."""


class FaultedCalls(StrEnum):
    """Which calls of platforms get faults."""

    ALL = "all"
    LIVE = "live"
    """Those that make a post live, or add something to it."""
    CHANGES = "changes"
    """Those that take down a live post, or change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSchedule:
    """How often faults are injected, and how long they last."""

    lease: timedelta
    """The workers' lease; a stopped worker stays stopped for longer."""
    between: timedelta
    """Mean time between two faults in Presswork's processes."""
    platform_fault_interval: timedelta
    """Mean time between two platform faults."""
    posts_between_faults: int = 0
    """Minimum of posts that end between two faults in Presswork's processes, unless `MAX_WAIT` passes first. On a machine
    with other load, no post would end between two faults that are seconds apart."""
    posts_between_platform_faults: int = 0
    """The same for platform faults."""
    platform_fault_kinds: frozenset[str] = frozenset()
    """Kinds of platform faults to inject; empty: all."""
    platform_faults_at: FaultedCalls = FaultedCalls.ALL
    """Calls at which platform faults are injected."""
    left_out: frozenset[Kind] = frozenset()
    """Kinds that can't be injected here."""


MAX_WAIT: Final = timedelta(seconds=30)
"""How long a fault waits at most for posts to end."""


def faults(seed: int, schedule: FaultSchedule) -> Iterator[Fault]:
    """Yield faults indefinitely. The first ones are one of each kind, so that a short run covers all kinds."""
    draw = random.Random(f"faults {seed}")  # noqa: S311  must be repeatable
    weights = {kind: weight for kind, weight in WEIGHTS.items() if kind not in schedule.left_out}
    kinds = list(weights)
    draw.shuffle(kinds)
    number = 0
    while True:
        number += 1
        kind = kinds.pop() if kinds else draw.choices(list(weights), list(weights.values()))[0]
        yield Fault(
            number=number,
            after=schedule.between * draw.uniform(0.4, 1.6),
            kind=kind,
            lasts=_lasts(kind, draw, schedule),
            choice=draw.random(),
        )


def _lasts(kind: Kind, draw: random.Random, schedule: FaultSchedule) -> timedelta:
    match kind:
        case Kind.STOP_WORKER:
            return schedule.lease * draw.uniform(1.2, 2.5)
        case Kind.SKEW_WORKER | Kind.ROLL:
            return schedule.lease * draw.uniform(2, 5)
        case Kind.FULL_DATABASE | Kind.FULL_MEDIA | Kind.STARVE_WORKER | Kind.STARVE_API | Kind.STARVE_POSTGRES:
            return timedelta(seconds=draw.uniform(2, 8))
        case Kind.CLOCK:
            return timedelta(minutes=draw.choice((1, 10, 61, 25 * 60)))
        case _:
            return timedelta(seconds=draw.uniform(0.2, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformFault:
    """A fault of a platform, as the body of `POST /sandbox/control/faults`."""

    after: timedelta
    body: Mapping[str, JsonValue]

    @property
    def name(self) -> str:
        """Return the kind of fault, for the report."""
        return str(self.body["fault"])


_ALL: Final[Mapping[str, ChaosPlatform]] = {**PLATFORMS, **SERVICES}
_ANYWHERE: Final = (
    "latency",
    "http_500",
    "html_502",
    "malformed_json",
    "drop_before_effect",
    "drop_after_effect",
    "late_effect",
)
_ON_JOBS: Final = ("stuck_processing", "media_error")
LIVE_CALLS: Final[Mapping[str, Sequence[str]]] = {name: one.live_calls for name, one in _ALL.items()}
"""Calls that can't be undone."""
_LIVE_SHARE: Final = 3


def platform_faults(seed: int, schedule: FaultSchedule) -> Iterator[PlatformFault]:
    """Yield platform faults indefinitely: slow, 5xx, dropped before, after and long before the effect, throttled, expired, stuck."""
    draw = random.Random(f"platform faults {seed}")  # noqa: S311  must be repeatable
    while True:
        name = draw.choices(list(_ALL), [one.share for one in _ALL.values()])[0]
        platform = _ALL[name]
        operations = {
            FaultedCalls.LIVE: [*platform.live_calls],
            FaultedCalls.CHANGES: [*platform.change_calls],
            FaultedCalls.ALL: [*platform.calls, *platform.change_calls],
        }[schedule.platform_faults_at]
        if not operations:
            continue
        weights = [_LIVE_SHARE if one in platform.live_calls else 1 for one in operations]
        operation = draw.choices(operations, weights)[0]
        kinds = list(_ANYWHERE)
        if operation in platform.job_calls:
            kinds += _ON_JOBS
        if operation in platform.token_calls:
            kinds.append("token_expired")
        if platform.throttling is not None and operation not in platform.unthrottled:
            kinds.append("platform_error")
        if only := schedule.platform_fault_kinds:
            kinds = [kind for kind in kinds if kind in only]
            if not kinds:
                continue
        yield PlatformFault(
            after=schedule.platform_fault_interval * draw.uniform(0.2, 1.8),
            body=_body(name, platform, operation, draw.choice(kinds), draw),
        )


def _body(
    name: str, platform: ChaosPlatform, operation: str, kind: str, draw: random.Random
) -> Mapping[str, JsonValue]:
    body: dict[str, JsonValue] = {
        "platform": name,
        "operation": operation,
        "fault": kind,
        "times": draw.choice((1, 1, 2, 3)),
        "skip": draw.randrange(4),
    }
    if kind == "latency":
        body["value"] = {"ms": draw.choice((50, 400, 2_000))}
    if kind == "late_effect":
        # As late as it may be, and much earlier: a worker that looks too soon must not believe what it sees.
        body["value"] = {"ms": draw.choice((500, 5_000, 20_000, 40_000))}
    if kind == "platform_error":
        ambiguous = platform.ambiguous.get(operation)
        is_ambiguous = ambiguous is not None and draw.random() < 0.5
        body["value"] = dict((ambiguous if is_ambiguous else platform.throttling) or {})
    if kind == "media_error":
        body["value"] = dict(platform.media_error)
    if kind in ("http_500", "html_502") and operation in (*platform.live_calls, *platform.change_calls):
        body["value"] = {"afterEffect": draw.random() < 0.5}
    return body
