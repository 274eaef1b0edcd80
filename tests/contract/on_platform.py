"""A platform of the sandbox for contract tests: its connector, logins on its pages, and posts to drive."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.job import Convert, End, MediaHost, MemoryJob, Sample, drive

from presswork.content.model import media_type_of
from presswork.platforms.port import (
    Grant,
    LinkCard,
    MediaType,
    Mode,
    Platform,
    PostOptions,
    PostPart,
    Present,
    RetryPolicy,
    TargetAccount,
)

VERIFIER = "a-verifier-of-43-characters-or-more.and~unreserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPlatform:
    """The set-up of a test that publishes on one platform of the sandbox."""

    name: str
    """Of the platform, in the control surface."""
    redirect_uri: str
    verifier: str = VERIFIER
    handle: str = "brand"
    """Of the account, where a test names none."""
    caption: str
    """Of a post, where a test gives none."""
    sandbox: SandboxControl
    platform: Platform
    clock: JumpingClock
    host: MediaHost
    retry_policy: RetryPolicy
    convert: Convert | None = None

    async def code(self, handle: str | None = None) -> str:
        """Approve a login on the real authorize page and return the code."""
        url = self.platform.login.authorize_url(redirect_uri=self.redirect_uri, state="st_1", verifier=self.verifier)
        return await self.sandbox.code(url, account=handle or self.handle)

    async def connect(self, handle: str | None = None) -> Grant:
        """Connect an account through the real authorize page."""
        return await self.platform.login.connect(
            code=await self.code(handle),
            redirect_uri=self.redirect_uri,
            verifier=self.verifier,
            now=self.clock.now(),
        )

    async def job(
        self,
        samples: Sample | Sequence[Sample],
        *,
        handle: str | None = None,
        caption: str | None = None,
        options: PostOptions | None = None,
        grant: Grant | None = None,
        can_refresh: bool = True,
        mode: Mode = Mode.PUBLISH,
        link: LinkCard | None = None,
        link_sample: Sample | None = None,
    ) -> MemoryJob:
        """Return a post to a connected account; the media type follows from the media, of which there may be none."""
        grant = grant or await self.connect(handle)
        items = [samples] if isinstance(samples, Sample) else list(samples)
        kinds = [item.media.kind for item in items]
        return MemoryJob(
            account=TargetAccount(id=uuid4(), external_id=grant.external_id, handle=grant.handle, scopes=grant.scopes),
            samples=items,
            media_type=media_type_of(kinds, path="media") if kinds else MediaType.TEXT,
            caption=self.caption if caption is None else caption,
            tokens=grant.tokens,
            clock=self.clock,
            host=self.host,
            login=self.platform.login if can_refresh else None,
            convert=self.convert,
            options=options or PostOptions(),
            mode=mode,
            link=link,
            link_sample=link_sample,
        )

    async def thread(self, *parts: tuple[str, Sequence[Sample]], options: PostOptions | None = None) -> MemoryJob:
        """Return a thread of posts, each with a text and media."""
        job = await self.job([sample for _, own in parts for sample in own], caption=parts[0][0], options=options)
        job.parts = [
            PostPart(text=text, media=[replace(sample.media, position=place) for place, sample in enumerate(own)])
            for text, own in parts
        ]
        job.media_type = job.parts[0].media_type
        return job

    async def drive_thread(self, job: MemoryJob) -> End:
        """Drive a thread to its end: all its parts at once, or one after the other."""
        support = self.platform.thread_support
        assert support is not None
        while True:
            end = await self.drive(job)
            if not isinstance(end, Present) or support.is_one_call or len(job.live_ids) + 1 == len(job.parts):
                return end
            if end.external_id is None:
                located = await self.platform.connector.locate(job, job.prepared or {}, None)
                end = replace(end, external_id=located.external_id)
            job.go_on(end)

    async def drive(self, job: MemoryJob) -> End:
        """Drive a post to its end."""
        return await drive(self.platform.channel(job.mode).connector, job, self.retry_policy)

    async def publish(self, job: MemoryJob) -> tuple[Present, dict[str, JsonValue]]:
        """Drive a post to its end, which has to be live, and return it as a viewer sees it."""
        end = await self.drive(job)
        assert isinstance(end, Present), repr(end)
        [post] = await self.live()
        return end, post

    async def live(self, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the live posts of a handle."""
        return await self.sandbox.posts(self.name, handle or self.handle)

    async def requests(self, operation: str) -> list[dict[str, JsonValue]]:
        """Return the recorded calls of an operation."""
        return await self.sandbox.requests(self.name, operation)

    async def calls(self, operation: str) -> int:
        """Return how often an operation was called."""
        return len(await self.requests(operation))

    async def fault(self, operation: str, fault: str, **more: JsonValue) -> None:
        """Arm a fault of an operation."""
        await self.sandbox.fault(self.name, operation, fault, **more)
