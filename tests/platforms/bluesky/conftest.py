"""Scripted servers of Bluesky, the platform at them, and posts of a connected account."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey
from tests.clocks import JumpingClock
from tests.contract.job import End, MediaHost, MemoryJob, Sample, drive, picture, sample
from tests.platforms.bluesky.servers import Servers

from presswork.platforms import plugin
from presswork.platforms.bluesky.api import Endpoints
from presswork.platforms.bluesky.client import Client, SigningKey
from presswork.platforms.bluesky.plugin import SANDBOX_KEY, bluesky
from presswork.platforms.port import Grant, MediaType, Mode, Platform, PostOptions, SupportsPushedRequest, TargetAccount
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport

REDIRECT: Final = "https://presswork.example.com/oauth/callback/h"
CLIENT_ID: Final = "https://presswork.example.com/oauth/bluesky/client-metadata.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the tests of the connector work with."""

    servers: Servers
    platform: Platform
    clock: JumpingClock
    host: MediaHost

    async def connect(self) -> Grant:
        """Connect the account of the script."""
        login = self.platform.login
        assert isinstance(login, SupportsPushedRequest)
        begun = await login.push_request(redirect_uri=REDIRECT, state="st_1", now=self.clock.now())
        return await login.connect(code="the-code", redirect_uri=REDIRECT, verifier=begun.secret, now=self.clock.now())

    async def job(
        self,
        samples: Sequence[Sample] | None = None,
        *,
        caption: str = "Fresh from the press",
        options: PostOptions | None = None,
    ) -> MemoryJob:
        """Return a post of the connected account; without samples, one of a picture."""
        grant = await self.connect()
        items = list(samples or [picture()])
        kind = MediaType.VIDEO if items[0].media.is_video else MediaType.IMAGE
        return MemoryJob(
            account=TargetAccount(id=uuid4(), external_id=grant.external_id, handle=grant.handle, scopes=grant.scopes),
            samples=items,
            media_type=MediaType.MULTI if len(items) > 1 else kind,
            caption=caption,
            tokens=grant.tokens,
            clock=self.clock,
            host=self.host,
            login=self.platform.login,
            options=options or PostOptions(),
            mode=Mode.PUBLISH,
        )

    async def drive(self, job: MemoryJob) -> End:
        """Drive a post to its end."""
        return await drive(self.platform.connector, job, self.platform.retry_policy)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The platform at scripted servers, whose clock moves with its waits."""
    clock = JumpingClock()
    public = ECKey.import_key({name: str(value) for name, value in SANDBOX_KEY.public_jwk.items()})
    async with Servers(clock, public) as servers, MediaHost() as host, Transport(name="bluesky") as transport:
        platform = bluesky(
            endpoints=Endpoints(
                entryway=f"{servers.address}/bsky.social",
                directory=f"{servers.address}/plc.directory",
                video=f"{servers.address}/video.bsky.app",
            ),
            client=Client(client_id=CLIENT_ID, key=SANDBOX_KEY),
            redirect_uri=REDIRECT,
            retry_policy=plugin.test_retry_policy(Settings()),
            transport=transport,
            now=clock.now,
        )
        yield World(servers=servers, platform=platform, clock=clock, host=host)


@pytest.fixture
def key() -> SigningKey:
    """A key pair."""
    return SigningKey.new()


def video() -> Sample:
    """Return a video of a few bytes."""
    return sample(b"x" * 100, "video/mp4", width=720, height=1280)
