"""A scripted YouTube, and a job for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob, sample
from tests.platforms.youtube.driving import CHANNEL, Script

from presswork.platforms import plugin
from presswork.platforms.port import AppCredentials, MediaType, Platform, TargetAccount, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.transport import Transport
from presswork.platforms.youtube.api import Endpoints
from presswork.platforms.youtube.description import PUBLISH
from presswork.platforms.youtube.plugin import youtube
from presswork.platforms.youtube.prepare import CHUNK_UNIT


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    """A YouTube that responds by a script."""
    async with Script() as running:
        running.publishes()
        yield running


@pytest.fixture
async def platform(script: Script) -> AsyncIterator[Platform]:
    """YouTube as the connector sees it, at the script, with the smallest chunks that Google allows."""
    async with Transport(name="youtube") as transport:
        yield youtube(
            endpoints=Endpoints(accounts_url=script.address, oauth_url=script.address, api_url=script.address),
            app=AppCredentials(client_id="the-id", client_secret="the-secret"),
            retry_policy=plugin.test_retry_policy(Settings()),
            transport=transport,
            chunk_bytes=CHUNK_UNIT,
        )


@pytest.fixture
async def host() -> AsyncIterator[MediaHost]:
    """A host that serves media."""
    async with MediaHost() as running:
        yield running


def job_of(platform: Platform, host: MediaHost, size_bytes: int) -> MemoryJob:
    """Return a job of the channel `brand` with a video of this size."""
    return MemoryJob(
        account=TargetAccount(id=uuid4(), external_id=CHANNEL, handle="brand", scopes=PUBLISH),
        samples=[sample(b"x" * size_bytes, "video/mp4", width=720, height=1280)],
        media_type=MediaType.VIDEO,
        caption="Three loaves\nand a roll",
        tokens=Tokens(
            access_token="ya29.secret-token",
            issued_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            refresh_token="1//secret-refresh",
        ),
        clock=JumpingClock(),
        host=host,
        login=platform.login,
    )


@pytest.fixture
def small(platform: Platform, host: MediaHost) -> MemoryJob:
    """A video of one chunk."""
    return job_of(platform, host, 24)


@pytest.fixture
def large(platform: Platform, host: MediaHost) -> MemoryJob:
    """A video of three chunks, the last one of 10 bytes."""
    return job_of(platform, host, 2 * CHUNK_UNIT + 10)
