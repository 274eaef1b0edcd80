"""Instagram as the contract tests use it: the connector against the sandbox, and posts ready to be driven."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue
from tests.contract.control import SandboxControl
from tests.contract.job import Convert, End, MediaHost, MemoryJob, MovableClock, Sample, drive

from presswork.platforms.port import Grant, MediaType, Pace, Platform, PostOptions, TargetAccount

REDIRECT = "http://localhost:8000/oauth/callback/instagram"
CAPTION = "Fresh from the press — #paper, crème brûlée & 🗞️"
CONNECTED_FOR = timedelta(hours=25)
"""Instagram refreshes no token that is younger than a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnInstagram:
    """What a test needs to publish on the sandbox's Instagram."""

    sandbox: SandboxControl
    platform: Platform
    clock: MovableClock
    host: MediaHost
    pace: Pace
    convert: Convert | None = None

    async def connect(self, handle: str) -> Grant:
        """Connect an account through the real authorize address."""
        login = self.platform.login
        code = await self.sandbox.code(login.authorize_url(redirect_uri=REDIRECT, state="st_1"), account=handle)
        return await login.connect(code=code, redirect_uri=REDIRECT, now=self.clock.now())

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
        """Take a post to its end."""
        return await drive(self.platform.connector, job, self.pace)

    async def live(self, handle: str = "brand") -> list[dict[str, JsonValue]]:
        """Return what is live under a handle."""
        return await self.sandbox.posts("instagram", handle)

    async def fault(self, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault."""
        await self.sandbox.fault("instagram", operation, fault, **more)
