"""Managed distribution for contract tests: the connector against the sandbox's provider, or a scripted one."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import uuid4

from aiohttp import web
from pydantic import JsonValue
from tests.clocks import JumpingClock
from tests.contract.control import SandboxControl
from tests.contract.job import EMPTY_CONTEXT, End, MediaHost, MemoryJob, Sample, drive
from tests.platforms.drafts import tiktok

from presswork.content.model import media_type_of
from presswork.platforms.managed import ManagedConnector
from presswork.platforms.port import (
    DeliveryContext,
    LinkCard,
    MediaType,
    Mode,
    PlatformName,
    ProviderAccess,
    RetryPolicy,
    TargetAccount,
    Tokens,
    Track,
)
from presswork.platforms.transport import Transport

SECRET: Final = "whsec_cHJlc3N3b3JrIHNhbmRib3gsIG5vdCBhIHNlY3JldCE="
CAPTION: Final = "First snow — crème brûlée & 🗞️"
CARD: Final = "https://bakery.example/menu"
"""That of a post without media."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnManaged:
    """The set-up of a test that dispatches posts to a provider."""

    sandbox: SandboxControl
    transport: Transport
    clock: JumpingClock
    host: MediaHost
    retry_policy: RetryPolicy

    @property
    def access(self) -> ProviderAccess:
        """The sandbox's provider."""
        return ProviderAccess(name="sandbox", base_url=self.sandbox.host("provider"), secret=SECRET)

    def connector(self, platform: PlatformName = PlatformName.TIKTOK) -> ManagedConnector:
        """Return the connector for accounts of a platform."""
        return ManagedConnector(
            platform,
            self.transport,
            self.retry_policy,
            accepts_music=platform is PlatformName.TIKTOK,
            options={"instagramPostSettings"},
        )

    def job(
        self,
        samples: Sample | Sequence[Sample],
        *,
        handle: str = "luna",
        music: str | None = None,
        track: Track | None = None,
        first_comment: str | None = None,
        access: ProviderAccess | None = None,
    ) -> MemoryJob:
        """Return a managed post; the media type follows from the media."""
        items = [samples] if isinstance(samples, Sample) else list(samples)
        kinds = [item.media.kind for item in items]
        return MemoryJob(
            account=TargetAccount(id=uuid4(), external_id="-000a1b2c", handle=handle, scopes=frozenset()),
            samples=items,
            media_type=media_type_of(kinds, path="media") if kinds else MediaType.TEXT,
            caption=CAPTION,
            tokens=Tokens(access_token="none", issued_at=self.clock.now(), expires_at=None),
            clock=self.clock,
            host=self.host,
            mode=Mode.MANAGED,
            options=tiktok(music_mode=music),
            link=None if items else LinkCard(url=CARD),
            context=context_of(access or self.access, track=track, first_comment=first_comment),
        )

    async def drive(self, job: MemoryJob, platform: PlatformName = PlatformName.TIKTOK) -> End:
        """Drive a post to its end."""
        return await drive(self.connector(platform), job, self.retry_policy)

    async def calls(self, operation: str) -> int:
        """Return how often the provider was called."""
        return len(await self.sandbox.requests("provider", operation))


def context_of(
    access: ProviderAccess | None, *, track: Track | None = None, first_comment: str | None = None
) -> DeliveryContext:
    """Return the body that this job dispatches to its provider."""
    return replace(EMPTY_CONTEXT, provider=access, track=track, first_comment=first_comment)


@dataclass(slots=True)
class Scripted:
    """A scripted provider; `seen` has each call: method, path, headers and body."""

    answer: Callable[[str, str], web.Response]
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    access: ProviderAccess = field(default=ProviderAccess(name="scripted", base_url="", secret=SECRET))

    def bodies(self, path: str) -> list[bytes]:
        """Return the bodies received at a path."""
        return [body for _, at, _, body in self.seen if at == path]


@asynccontextmanager
async def scripted(answer: Callable[[str, str], web.Response]) -> AsyncIterator[Scripted]:
    """Serve a provider on a free loopback port; `answer` gets the method and the path."""
    provider = Scripted(answer)

    async def serve(request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        provider.seen.append((request.method, request.path, headers, body))
        return provider.answer(request.method, request.path)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        provider.access = replace(provider.access, base_url=f"http://{host}:{port}")
        yield provider
    finally:
        await runner.cleanup()


def dispatched(post_id: str, status: str, sequence: int = 1, **more: JsonValue) -> web.Response:
    """Return a provider's response about a post."""
    document = {"postId": post_id, "dispatchId": "d_1", "sequence": sequence, "status": status, "error": None, **more}
    return web.json_response({"externalId": None, "externalUrl": None, "at": "2026-09-21T13:34:02Z", **document})


def refused(status: int, code: str) -> web.Response:
    """Return an error of the protocol."""
    return web.json_response({"error": {"code": code, "message": f"It says {code}."}}, status=status)
