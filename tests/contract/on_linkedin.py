"""LinkedIn for contract tests: the connector against the sandbox, and posts to drive."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.job import Convert, End, MediaHost, MemoryJob, Sample, drive

from presswork.platforms.linkedin.urns import is_organization
from presswork.platforms.port import Grant, Live, MediaType, Platform, PostOptions, RetryPolicy, TargetAccount

REDIRECT = "http://localhost:8000/oauth/callback/g"
PERSON = "ana"
"""The member who signs in, and administers the pages that a test names."""
VERIFIER = "a-verifier-of-43-characters-or-more.and~unreserved"
CAPTION = "Fresh (from the press) #paper — crème brûlée & 🗞️\n[1] *new* ~40 % <off> @you {a|b} C:\\d a_b"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLinkedIn:
    """The set-up of a test that publishes on the sandbox's LinkedIn, as a member or as a page."""

    sandbox: SandboxControl
    platform: Platform
    clock: JumpingClock
    host: MediaHost
    retry_policy: RetryPolicy
    convert: Convert | None = None
    is_page: bool = False

    async def code(self, handle: str = "brand") -> str:
        """Approve a login on the real consent page and return the code."""
        url = self.platform.login.authorize_url(redirect_uri=REDIRECT, state="st_1", verifier=VERIFIER)
        await self.sandbox.account("linkedin", PERSON, tier="creator")
        return await self.sandbox.code(url, account=f"{PERSON},{handle}")

    async def grants(self, handle: str = "brand") -> Sequence[Grant]:
        """Connect through the real consent page, and return the member's grant and those of the pages."""
        grant = await self.platform.login.connect(
            code=await self.code(handle), redirect_uri=REDIRECT, verifier=VERIFIER, now=self.clock.now()
        )
        return [grant, *grant.others]

    async def connect(self, handle: str = "brand") -> Grant:
        """Connect the member, or the page."""
        return next(grant for grant in await self.grants(handle) if is_organization(grant.external_id) is self.is_page)

    async def job(
        self,
        *samples: Sample,
        handle: str = "brand",
        caption: str = CAPTION,
        options: PostOptions | None = None,
        grant: Grant | None = None,
    ) -> MemoryJob:
        """Return a post to a connected account."""
        grant = grant or await self.connect(handle)
        media_type = MediaType.MULTI if len(samples) > 1 else MediaType.IMAGE
        return MemoryJob(
            account=TargetAccount(
                id=samples[0].media.asset_id,
                external_id=grant.external_id,
                handle=grant.handle,
                scopes=grant.scopes,
            ),
            samples=samples,
            media_type=MediaType.VIDEO if samples[0].media.is_video else media_type,
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
        [post] = await self.posts()
        return end, post

    async def posts(self) -> list[dict[str, JsonValue]]:
        """Return all live posts."""
        return await self.sandbox.posts("linkedin")

    async def calls(self, operation: str) -> int:
        """Return how often an operation was called."""
        return len(await self.sandbox.requests("linkedin", operation))

    async def fault(self, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault."""
        await self.sandbox.fault("linkedin", operation, fault, **more)


def params_of(post: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what was sent, by LinkedIn's own names."""
    params = post["params"]
    assert isinstance(params, dict)
    return params


def content_of(post: dict[str, JsonValue], kind: str) -> dict[str, JsonValue]:
    """Return the part of the content that shows media."""
    content = params_of(post)["content"]
    assert isinstance(content, dict)
    part = content[kind]
    assert isinstance(part, dict)
    return part


def sha256_of(post: dict[str, JsonValue]) -> list[JsonValue]:
    """Return the digests of the media that a viewer sees, in order."""
    media = post["media"]
    assert isinstance(media, list)
    return [one["sha256"] for one in media if isinstance(one, dict)]
