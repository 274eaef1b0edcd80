"""TikTok for contract tests: the connector against the sandbox, and posts to drive."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.job import Convert, End, MediaHost, MemoryJob, Sample, drive

from presswork.platforms.port import Grant, Live, MediaType, Mode, Platform, PostOptions, RetryPolicy, TargetAccount

REDIRECT = "http://localhost:8000/oauth/callback/c"
VERIFIER = "a-verifier-of-43-characters-or-more.and~unreserved"
CAPTION = "Fresh from the press — #paper, crème brûlée & 🗞️"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTikTok:
    """The set-up of a test that publishes on the sandbox's TikTok."""

    sandbox: SandboxControl
    platform: Platform
    clock: JumpingClock
    host: MediaHost
    retry_policy: RetryPolicy
    convert: Convert | None = None

    async def connect(self, handle: str = "brand") -> Grant:
        """Connect an account through the real authorize page."""
        login = self.platform.login
        code = await self.sandbox.code(
            login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier=VERIFIER), account=handle
        )
        return await login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=self.clock.now())

    async def job(
        self,
        samples: Sample | Sequence[Sample],
        *,
        handle: str = "brand",
        caption: str = CAPTION,
        options: PostOptions | None = None,
        grant: Grant | None = None,
        mode: Mode = Mode.PUBLISH,
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
            login=self.platform.login,
            convert=self.convert,
            options=options or PostOptions(),
            mode=mode,
        )

    async def drive(self, job: MemoryJob) -> End:
        """Drive a post to its end."""
        return await drive(self.platform.channel(job.mode).connector, job, self.retry_policy)

    async def publish(self, job: MemoryJob) -> tuple[Live, dict[str, JsonValue]]:
        """Drive a post to its end, which has to be live, and return it as a viewer sees it."""
        end = await self.drive(job)
        assert isinstance(end, Live), repr(end)
        [post] = await self.live()
        return end, post

    async def drafts(self, handle: str = "brand") -> list[dict[str, JsonValue]]:
        """Return the drafts that have reached the inbox of a handle."""
        return await self.sandbox.drafts("tiktok", handle)

    async def live(self, handle: str = "brand") -> list[dict[str, JsonValue]]:
        """Return the live posts of a handle."""
        return await self.sandbox.posts("tiktok", handle)

    async def calls(self, operation: str) -> int:
        """Return how often an operation was called."""
        return len(await self.sandbox.requests("tiktok", operation))

    async def fault(self, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault."""
        await self.sandbox.fault("tiktok", operation, fault, **more)
