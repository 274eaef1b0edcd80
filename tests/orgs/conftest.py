"""Fixtures of the tests about phones: a second API process, whose live text messages go to the sandbox of the first."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from tests.api_server import Api, serving
from tests.clocks import MovableClock

from presswork.platforms.settings import Settings


@pytest.fixture
async def live_api(api: Api, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path) -> AsyncIterator[Api]:
    """A second API process on the same database, with settings for live text messages."""
    data_dir = tmp_path / "second"
    data_dir.mkdir()
    shutil.copy(settings.data_dir / "secret.key", data_dir)
    texting = {
        "data_dir": data_dir,
        "sms_api_url": f"{api.base_url}/sandbox/api.twilio.com",
        "sms_account_sid": "AC1",
        "sms_auth_token": "x",
        "sms_from": "+15005550006",
        "public_url": "https://presswork.example.com",
    }
    live_settings = Settings(_env_file=None, **{**settings.model_dump(), **texting})
    async with serving(live_settings, dsn=dsn, clock=clock) as service:
        yield service


@pytest.fixture
async def live(live_api: Api) -> httpx2.AsyncClient:
    """A client with a live key that has all scopes."""
    return await live_api.client(scopes=("*", "org:admin"), environment="live")
