"""YouTube for contract tests: the connector against the sandbox, and posts to drive."""

from dataclasses import dataclass

from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.job import Convert, End, MediaHost, MemoryJob, Sample, drive

from presswork.platforms.port import Grant, Live, MediaType, Platform, PostOptions, RetryPolicy, TargetAccount

REDIRECT = "http://localhost:8000/oauth/callback/f"
VERIFIER = "a-verifier-of-43-characters-or-more.and~unreserved"
CAPTION = "Fresh from the press\n— #paper, crème brûlée & 🗞️"
TITLE = "Fresh from the press"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnYouTube:
    """The set-up of a test that publishes on the sandbox's YouTube."""

    sandbox: SandboxControl
    platform: Platform
    clock: JumpingClock
    host: MediaHost
    retry_policy: RetryPolicy
    convert: Convert | None = None

    async def code(self, handle: str = "brand") -> str:
        """Approve a login on the real consent page and return the code."""
        url = self.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier=VERIFIER)
        return await self.sandbox.code(url, account=handle)

    async def connect(self, handle: str = "brand") -> Grant:
        """Connect a channel through the real consent page."""
        return await self.platform.login.connect(
            code=await self.code(handle), redirect_uri=REDIRECT, verifier=VERIFIER, now=self.clock.now()
        )

    async def job(
        self,
        sample: Sample,
        *,
        handle: str = "brand",
        caption: str = CAPTION,
        options: PostOptions | None = None,
        grant: Grant | None = None,
    ) -> MemoryJob:
        """Return a post to a connected channel."""
        grant = grant or await self.connect(handle)
        return MemoryJob(
            account=TargetAccount(
                id=sample.media.asset_id, external_id=grant.external_id, handle=grant.handle, scopes=grant.scopes
            ),
            samples=[sample],
            media_type=MediaType.VIDEO,
            caption=caption,
            tokens=grant.tokens,
            clock=self.clock,
            host=self.host,
            login=self.platform.login,
            convert=self.convert,
            options=options or PostOptions(),
        )

    async def drive(self, job: MemoryJob) -> End:
        """Drive a post to its end."""
        return await drive(self.platform.connector, job, self.retry_policy)

    async def publish(self, job: MemoryJob) -> tuple[Live, dict[str, JsonValue]]:
        """Drive a post to its end, which has to be live, and return it as a viewer sees it."""
        end = await self.drive(job)
        assert isinstance(end, Live), repr(end)
        [post] = await self.visible()
        return end, post

    async def videos(self, handle: str = "brand") -> list[dict[str, JsonValue]]:
        """Return the videos of a channel that the control surface lists."""
        return await self.sandbox.posts("youtube", handle)

    async def visible(self, handle: str = "brand") -> list[dict[str, JsonValue]]:
        """Return those that someone else than the channel can see."""
        return [video for video in await self.videos(handle) if privacy_of(video) != "private"]

    async def calls(self, operation: str) -> int:
        """Return how often an operation was called."""
        return len(await self.sandbox.requests("youtube", operation))

    async def fault(self, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault."""
        await self.sandbox.fault("youtube", operation, fault, **more)


def part_of(video: dict[str, JsonValue], name: str) -> dict[str, JsonValue]:
    """Return the part `snippet` or `status` of what was sent."""
    params = video["params"]
    assert isinstance(params, dict)
    part = params[name]
    assert isinstance(part, dict)
    return part


def privacy_of(video: dict[str, JsonValue]) -> JsonValue:
    """Return the visibility of a listed video."""
    return part_of(video, "status")["privacyStatus"]
