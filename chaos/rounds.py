"""The rounds of a campaign: one small JSON file for each, written before the round starts and again when it has ended."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from chaos.outages import next_end, outages_by_kind
from chaos.plan import LIVE_CALLS, Kind
from chaos.run import Result

_NAME: Final = "round-{number:04}.json"
_KEPT_VIOLATIONS: Final = 20
DOUBLES: Final = ("duplicates",)
LOSSES: Final = (
    "accepted posts that do not exist",
    "delivered, but not on the platform",
    "deleted, though no one asked for it",
)
WAITING: Final = ("posts without a final status",)
"""Those exist, and end later: the round does not see how."""


class DamagedCampaign(Exception):
    """The folder of a campaign does not have what its rounds wrote. The message says which file, and what to do."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Violation(_Document):
    """A check of the ledger that failed: how often, and the first cases."""

    count: int
    first: tuple[str, ...]


class Outcome(_Document):
    """What a finished round found. Times are in seconds."""

    posts: int
    by_status: dict[str, int]
    live_status: dict[str, int] = {}
    """Published posts that were to be taken down."""
    live_edits: dict[str, int] = {}
    deleted_content: int = 0
    by_mode: dict[str, int]
    by_login: dict[str, int]
    with_options: int
    failures: dict[str, int]
    unknown: dict[str, int]
    calls: dict[str, int]
    """The callers' calls by purpose."""
    idempotency_keys: int
    server_errors: int
    faults: dict[str, int]
    """Faults in Presswork's processes, by kind."""
    restarts: int
    platform_calls: int
    irreversible_calls: int
    platform_faults: dict[str, int]
    """Platform calls with a fault, by kind of fault."""
    irreversible_calls_with_fault: int
    left_out: dict[str, str]
    """Faults that could not be injected, and why."""
    under_faults: float
    until_last_post: float
    slowest_platform: float
    slowest_call: float
    not_ready: dict[str, tuple[float, ...]]
    """How long the service was not ready, by the fault before it; the others under an empty name."""
    taken_over: dict[str, tuple[float, ...]]
    """How long until the posts of a worker were in other hands, by fault."""
    next_end: tuple[float, ...]
    """How long after each fault the next post ended."""
    violations: dict[str, Violation]


class Round(_Document):
    """One round. Without an outcome it is running, or was broken off."""

    number: int
    seed: int
    began_at: datetime
    commit: str
    older_commit: str | None = None
    asked_posts: int
    accounts: int
    outcome: Outcome | None = None

    @property
    def doubles(self) -> int:
        """Return the number of posts that are on a platform twice."""
        return self._count(DOUBLES)

    @property
    def losses(self) -> int:
        """Return the number of accepted posts that do not exist, never arrived, or were deleted."""
        return self._count(LOSSES)

    @property
    def waiting(self) -> int:
        """Return the number of posts that were still queued or publishing when the round ended."""
        return self._count(WAITING)

    @property
    def others(self) -> int:
        """Return the number of violations that are neither doubles nor losses, nor posts that waited."""
        found = {} if self.outcome is None else self.outcome.violations
        return sum(one.count for name, one in found.items() if name not in (*DOUBLES, *LOSSES, *WAITING))

    def _count(self, names: Sequence[str]) -> int:
        found = {} if self.outcome is None else self.outcome.violations
        return sum(found[name].count for name in names if name in found)


def read_rounds(folder: Path) -> Sequence[Round]:
    """Return the rounds of a campaign in their order; none for a folder that does not exist.

    Raises DamagedCampaign if a file can't be read, is missing, or has another's number or seed.
    """
    rounds: list[Round] = []
    for place, file in enumerate(sorted(folder.glob("round-*.json")), start=1):
        try:
            one = Round.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise DamagedCampaign(f"{file} is not a round of a campaign; restore it from a copy. {error}") from error
        if one.number != place or file.name != _NAME.format(number=place):
            raise DamagedCampaign(
                f"{file} is round {one.number}, but number {place} is expected. A round is missing or was renamed: restore it."
                " The sum is only worth something with every round."
            )
        if one.seed in (other.seed for other in rounds):
            raise DamagedCampaign(f"{file} has the seed of an earlier round, {one.seed}: it is a copy. Remove it.")
        rounds.append(one)
    return rounds


def start_round(folder: Path, one: Round) -> None:
    """Write a new round before it starts. Raises DamagedCampaign if another process has taken its number meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    draft, file = _draft(folder, one)
    try:
        os.link(draft, file)
    except FileExistsError as error:
        raise DamagedCampaign(
            f"{file} was written by another command. Run one command of a campaign at a time."
        ) from error
    finally:
        draft.unlink()


def finish_round(folder: Path, one: Round) -> None:
    """Write the outcome of a round. After a crash, the file is the old or the new one."""
    draft, file = _draft(folder, one)
    draft.replace(file)


def _draft(folder: Path, one: Round) -> tuple[Path, Path]:
    """Write a round beside its file, and return both paths."""
    file = folder / _NAME.format(number=one.number)
    draft = file.with_suffix(f".{os.getpid()}.draft")
    text = json.dumps(one.model_dump(mode="json", by_alias=True), ensure_ascii=False, separators=(",", ":"))
    with draft.open("w") as handle:
        handle.write(text.replace(',"', ',\n"') + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    return draft, file


def outcome_of(result: Result) -> Outcome:
    """Return what a round keeps of a result."""
    verdict, counts, accepted = result.verdict, result.counts, result.record.accepted.values()
    injected = result.fault_log.injected
    hit = Counter[str]()
    for (*_, fault), count in counts.faults.items():
        hit[fault] += count
    live = {(platform, operation) for platform, operations in LIVE_CALLS.items() for operation in operations}
    waits = [wait for one in injected if (wait := next_end(result.ends, one.at)) is not None]
    taken = {
        kind: [one.takeover_time for one in injected if one.kind is kind and one.takeover_time is not None]
        for kind in Kind
    }
    return Outcome(
        posts=verdict.posts,
        by_status=verdict.by_status,
        live_status=verdict.live_status,
        live_edits=verdict.edits,
        deleted_content=len(result.record.deleted_contents),
        by_mode=dict(Counter(one.mode for one in accepted)),
        by_login=dict(Counter(one.account.login or one.account.platform for one in accepted)),
        with_options=sum(one.is_labelled for one in accepted),
        failures=verdict.failures,
        unknown=verdict.unknown,
        calls=result.record.counts,
        idempotency_keys=verdict.keys,
        server_errors=result.traffic.server_errors,
        faults=dict(Counter(one.kind.value for one in injected)),
        restarts=result.fault_log.restarts,
        platform_calls=sum(counts.calls.values()),
        irreversible_calls=sum(count for call, count in counts.calls.items() if call in live),
        platform_faults=dict(hit),
        irreversible_calls_with_fault=sum(
            count for (platform, operation, _), count in counts.faults.items() if (platform, operation) in live
        ),
        left_out={kind.value: why for kind, why in result.left_out.items()},
        under_faults=_second(result.faults_duration),
        until_last_post=_second(result.drain_duration),
        slowest_platform=_second(result.slowest_platform),
        slowest_call=round(result.traffic.worst_seconds, 1),
        not_ready={
            "" if kind is None else kind.value: _seconds(times) for kind, times in outages_by_kind(result).items()
        },
        taken_over={kind.value: _seconds(times) for kind, times in taken.items() if times},
        next_end=_seconds(waits),
        violations={
            name: Violation(count=len(who), first=tuple(who[:_KEPT_VIOLATIONS]))
            for name, who in sorted(verdict.violations.items())
        },
    )


def _second(time: timedelta) -> float:
    return round(time.total_seconds(), 1)


def _seconds(times: Sequence[timedelta]) -> tuple[float, ...]:
    return tuple(sorted(_second(one) for one in times))
