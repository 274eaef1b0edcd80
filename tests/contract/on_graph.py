"""A platform behind Graph for contract tests: its connector against the sandbox, posts to drive, and what must hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Self

from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.faults import LATENCY, LOST, Fault, code
from tests.contract.job import Convert, End, MediaHost, MemoryJob, Sample, drive

from presswork.platforms.port import (
    Grant,
    MediaType,
    Platform,
    PostOptions,
    RetryPolicy,
    TargetAccount,
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
class OnGraph:
    """The set-up of a test that publishes on one platform of the sandbox."""

    name: str
    """Of the platform, in the control surface."""
    operations: Mapping[str, str]
    """The operations of a post by their role: create, publish and quota."""
    lost: Fault
    """With what the platform answers when it does not find a container that it has just finished."""
    sandbox: SandboxControl
    platform: Platform
    open_platform: Callable[[RetryPolicy], Platform]
    """Opens the same platform with another retry policy."""
    clock: JumpingClock
    host: MediaHost
    retry_policy: RetryPolicy
    convert: Convert | None = None

    def without(self, *words: str) -> list[JsonValue]:
        """Return the permissions that the login requests, except those with one of these words in their name."""
        return [scope for scope in sorted(self.platform.login.permissions) if not any(word in scope for word in words)]

    async def connect(self, handle: str) -> Grant:
        """Connect an account through the real authorize page."""
        login = self.platform.login
        code = await self.sandbox.code(
            login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier="v"), account=handle
        )
        return await login.connect(code=code, redirect_uri=REDIRECT, verifier="v", now=self.clock.now())

    async def job(
        self,
        samples: Sample | Sequence[Sample],
        *,
        handle: str = "brand",
        caption: str = CAPTION,
        options: PostOptions | None = None,
        grant: Grant | None = None,
        can_refresh: bool = True,
    ) -> MemoryJob:
        """Return a post to a connected account; the media type follows from the media."""
        grant = grant or await self.connect(handle)
        items = [samples] if isinstance(samples, Sample) else list(samples)
        media_type = MediaType.MULTI if len(items) > 1 else MediaType.IMAGE
        if items[0].media.is_video:
            media_type = MediaType.VIDEO
        return MemoryJob(
            account=TargetAccount(
                id=items[0].media.asset_id, external_id=grant.external_id, handle=grant.handle, scopes=grant.scopes
            ),
            samples=items,
            media_type=media_type,
            caption=caption,
            tokens=grant.tokens,
            clock=self.clock,
            host=self.host,
            login=self.platform.login if can_refresh else None,
            convert=self.convert,
            options=options or PostOptions(),
        )

    async def drive(self, job: MemoryJob) -> End:
        """Drive a post to its end."""
        return await drive(self.platform.connector, job, self.retry_policy)

    async def live(self, handle: str = "brand") -> list[dict[str, JsonValue]]:
        """Return the live posts of a handle."""
        return await self.sandbox.posts(self.name, handle)

    async def calls(self, operation: str) -> list[dict[str, JsonValue]]:
        """Return the recorded calls of one operation, by its name or role."""
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
