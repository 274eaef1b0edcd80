"""A platform behind Graph for contract tests: its connector against the sandbox, posts to drive, and what must hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Self

from pydantic import JsonValue
from tests.contract.faults import LATENCY, LOST, Fault, code
from tests.contract.job import MemoryJob
from tests.contract.on_platform import OnPlatform

from presswork.platforms.port import (
    Platform,
    RetryPolicy,
)

REDIRECT = "http://localhost:8000/oauth/callback/a"
CAPTION = "Fresh from the press — #paper, crème brûlée & 🗞️"
CONNECTED_FOR = timedelta(hours=25)
"""These platforms refresh no token that is younger than a day."""


PASSING: Sequence[Fault] = (
    LATENCY,
    *LOST,
    code(1),
    code(2),
    code(-1, 2207001),
    code(4),
    code(17),
    code(32),
    code(613),
    code(80002, 2446079),
)
LASTING: Sequence[Fault] = (
    Fault("token_expired"),
    Fault("stuck_processing"),
    Fault("media_error"),
    code(4, 2207051),
    code(10),
    code(24, 2207006),
    code(24, 2207008),
    code(25, 2207050),
    code(100),
    code(100, 33),
    code(190, 460),
    code(9007, 2207027),
    code(9004, 2207052),
    code(9, 2207042),
    code(1, 2207052),
    code(24, 4279009),
    code(25, 4279013),
    code(4711),
)
"""What Instagram or Threads return that a retry may not help against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnGraph(OnPlatform):
    """The set-up of a test that publishes on a platform behind Graph."""

    redirect_uri: str = REDIRECT
    verifier: str = "v"
    caption: str = CAPTION
    operations: Mapping[str, str]
    """The operations of a post by their role: create, publish and quota."""
    lost: Fault
    """With what the platform answers when it does not find a container that it has just finished."""
    open_platform: Callable[[RetryPolicy], Platform]
    """Opens the same platform with another retry policy."""

    def without(self, *words: str) -> list[JsonValue]:
        """Return the permissions that the login requests, except those with one of these words in their name."""
        return [scope for scope in sorted(self.platform.login.permissions) if not any(word in scope for word in words)]

    async def requests(self, operation: str) -> list[dict[str, JsonValue]]:
        """Return the recorded calls of an operation, by its name or role."""
        return await self.sandbox.requests(self.name, self.operations.get(operation, operation))

    async def fault(self, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault of an operation, by its name or role."""
        await self.sandbox.fault(self.name, self.operations.get(operation, operation), fault, **more)


class Killed(BaseException):
    """The process ends here."""


@dataclass(slots=True, kw_only=True)
class DyingJob(MemoryJob):
    """A job whose process dies right after it stored its `dies_at`-th change."""

    dies_at: int

    @classmethod
    def of(cls, job: MemoryJob, *, dies_at: int) -> Self:
        """Return the same post, without state."""
        values = {one.name: getattr(job, one.name) for one in fields(MemoryJob)}
        return cls(**values | {"state": {}, "saves": []}, dies_at=dies_at)

    async def save(self, **changes: JsonValue) -> None:
        """Store the changes, and die if it is time."""
        await MemoryJob.save(self, **changes)
        if len(self.saves) == self.dies_at:
            raise Killed
