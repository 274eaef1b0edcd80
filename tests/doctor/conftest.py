"""Fixtures of the tests about the installation: an API process whose live platforms are the sandbox of another one."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from tests.api.wire import ALL
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock

from presswork.platforms.settings import Settings

PUBLIC_URL = "https://presswork.example.com"
RIGHT = "the-right-secret"


@pytest.fixture
def live_settings(api: Api, settings: Settings, tmp_path: Path) -> Settings:
    """Settings of another machine, with a public URL and without apps; the sandbox of `api` stands in for the platforms."""
    sandbox = f"{api.base_url}/sandbox"
    changes = {
        "public_url": PUBLIC_URL,
        "tiktok_api_url": f"{sandbox}/open.tiktokapis.com",
        "tiktok_www_url": f"{sandbox}/www.tiktok.com",
        "facebook_graph_url": f"{sandbox}/graph.facebook.com",
    }
    return beside(settings, tmp_path / "live").model_copy(update=changes)


@pytest.fixture
async def live_api(live_settings: Settings, dsn: str, clock: MovableClock) -> AsyncIterator[Api]:
    """An API process with these settings."""
    async with serving(live_settings, dsn=dsn, clock=clock) as service:
        yield service


@pytest.fixture
async def admin(live_api: Api) -> httpx2.AsyncClient:
    """A client with a live key that has all scopes, of the first organization."""
    return await live_api.client(scopes=ALL, environment="live")


@pytest.fixture
async def only_right(api: Api) -> str:
    """The only secret that the sandbox accepts from apps."""
    client = await api.anonymous()
    (await client.post("/sandbox/control/settings", json={"requireSecret": RIGHT})).raise_for_status()
    return RIGHT
