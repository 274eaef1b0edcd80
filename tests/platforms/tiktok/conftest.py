"""A scripted TikTok, and jobs for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.clocks import JumpingClock
from tests.contract.job import MediaHost, MemoryJob, Sample, sample
from tests.platforms.tiktok.driving import Script

from presswork.platforms import plugin
from presswork.platforms.port import AppCredentials, MediaType, Platform, TargetAccount, Tokens
from presswork.platforms.settings import Settings
from presswork.platforms.tiktok.api import Endpoints
from presswork.platforms.tiktok.plugin import tiktok
from presswork.platforms.tiktok.video import ChunkRule
from presswork.platforms.transport import Transport

CHUNKS = ChunkRule(single_max_bytes=10, chunk_bytes=10)
"""Small chunks: a script accepts them, and a test file stays one line."""


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    """A TikTok that responds by a script."""
    async with Script() as running:
        yield running


@pytest.fixture
async def platform(script: Script) -> AsyncIterator[Platform]:
    """TikTok as the connector sees it, at the script."""
    async with Transport(name="tiktok") as transport:
        yield tiktok(
            endpoints=Endpoints(api_url=script.address, www_url=script.address),
            app=AppCredentials(client_id="the-key", client_secret="the-secret"),
            retry_policy=plugin.test_retry_policy(Settings()),
            transport=transport,
            chunks=CHUNKS,
        )


@pytest.fixture
async def host() -> AsyncIterator[MediaHost]:
    """A host that serves media."""
    async with MediaHost() as running:
        yield running


def job_of(platform: Platform, host: MediaHost, media_type: MediaType, *samples: Sample) -> MemoryJob:
    """Return a job of the account `brand` with these media."""
    return MemoryJob(
        account=TargetAccount(id=uuid4(), external_id="open-id", handle="brand", scopes=frozenset({"video.publish"})),
        samples=samples,
        media_type=media_type,
        caption="hello",
        tokens=Tokens(
            access_token="act.secret",
            issued_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) + timedelta(hours=2),
            refresh_token="rft.secret",
        ),
        clock=JumpingClock(),
        host=host,
        login=platform.login,
    )


@pytest.fixture
def video(platform: Platform, host: MediaHost) -> MemoryJob:
    """A video of 24 bytes: one chunk of 10, and a last one of 14."""
    return job_of(platform, host, MediaType.VIDEO, sample(b"x" * 24, "video/mp4", width=720, height=1280))


@pytest.fixture
def photo(platform: Platform, host: MediaHost) -> MemoryJob:
    """A post of one picture."""
    return job_of(platform, host, MediaType.IMAGE, sample(b"jpeg", "image/jpeg", width=640, height=640))
